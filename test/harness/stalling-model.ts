// Test harness. A scripted model whose answer comes to a standstill: a share of it has arrived, the rest never does
// until the call is aborted. So a test knows exactly how much there was when the abort took effect.
import type { GenerateOptions, ModelOutcome, ModelPort, ModelRequest } from '@fairmeter/providers';

export class StallingModel implements ModelPort {
  constructor(
    private readonly model: ModelPort,
    private readonly stall: { readonly stage: string; readonly textBytes: number },
  ) {}

  /** References of the calls that have come to their standstill. */
  readonly stalled: string[] = [];

  async generate(request: ModelRequest, options: GenerateOptions): Promise<ModelOutcome> {
    if (!request.requestRef.includes(this.stall.stage)) return this.model.generate(request, options);
    const still = new AbortController();
    const outcome = await this.model.generate(request, {
      signal: still.signal,
      onProgress: ({ textBytes }) => {
        if (textBytes >= this.stall.textBytes) still.abort();
      },
    });
    this.stalled.push(request.requestRef);
    await aborted(options.signal);
    return outcome;
  }
}

async function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return;
  await new Promise<void>((resolve) => {
    signal.addEventListener('abort', () => {
      resolve();
    });
  });
}
