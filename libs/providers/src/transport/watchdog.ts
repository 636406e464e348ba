// Providers room: the one place that ends a provider call early, because our caller said so or because
// nothing arrived in time. It promises to say which of the two it was, and to leave no timer behind.

export type CallCut = 'cancelled' | 'timed_out';

export class Watchdog {
  private readonly controller = new AbortController();
  private readonly onCallerAbort = (): void => this.cut('cancelled');
  private timer: NodeJS.Timeout | null = null;
  private reason: CallCut | null = null;

  constructor(private readonly caller: AbortSignal) {
    if (caller.aborted) {
      this.cut('cancelled');
    } else {
      caller.addEventListener('abort', this.onCallerAbort, { once: true });
    }
  }

  get signal(): AbortSignal {
    return this.controller.signal;
  }

  /** Why the call was cut, null while it was not. The first reason stays. */
  get cutBy(): CallCut | null {
    return this.reason;
  }

  /** Starts the wait anew: the call is cut when nothing calls this again in time. */
  arm(milliseconds: number): void {
    if (this.timer !== null) {
      clearTimeout(this.timer);
    }
    this.timer = setTimeout(() => this.cut('timed_out'), milliseconds);
  }

  /** Ends the watch and drops a connection that is still streaming. */
  close(): void {
    if (this.timer !== null) {
      clearTimeout(this.timer);
    }
    this.caller.removeEventListener('abort', this.onCallerAbort);
    this.controller.abort();
  }

  private cut(reason: CallCut): void {
    this.reason ??= reason;
    this.controller.abort();
  }
}
