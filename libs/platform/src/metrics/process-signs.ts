// Platform room. What a process counts of itself, by name: how often since it began, and how long ago it was last.
import type { Registry } from 'prom-client';
import { Counter } from 'prom-client';
import type { Clock } from '../clock/clock.js';

export interface SignCount {
  readonly count: number;
  readonly agoMs: number;
}

export class ProcessSigns<Name extends string> {
  private readonly seen = new Map<Name, { readonly count: number; readonly at: number }>();
  private counter: Counter<'sign'> | undefined;

  constructor(private readonly clock: Clock) {}

  saw(name: Name): void {
    this.seen.set(name, { count: (this.seen.get(name)?.count ?? 0) + 1, at: this.clock.now() });
    this.counter?.inc({ sign: name });
  }

  counted(): Partial<Record<Name, SignCount>> {
    const now = this.clock.now();
    const told: Partial<Record<Name, SignCount>> = {};
    for (const [name, { count, at }] of this.seen) told[name] = { count, agoMs: Math.max(0, now - at) };
    return told;
  }

  /** From now on they are metrics as well; those named are shown before they were ever seen. */
  show(registry: Registry, names: readonly Name[]): void {
    this.counter = new Counter({
      name: 'fairmeter_signs_total',
      help: 'Signs of trouble that this process counts of itself: a full ledger, large payloads, failed checks.',
      labelNames: ['sign'] as const,
      registers: [registry],
    });
    for (const name of names) this.counter.inc({ sign: name }, this.seen.get(name)?.count ?? 0);
  }
}
