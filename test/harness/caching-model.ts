// Test harness. A scripted model before which stands a provider's cache: what a request shares with the beginning of an
// earlier one, by whole lines, is told as cached input. It knows only what it was sent, as a provider does.
import type { GenerateOptions, ModelOutcome, ModelPort, ModelRequest } from '@fairmeter/providers';

const CHARACTERS_PER_TOKEN = 4;

export class CachingModel implements ModelPort {
  readonly sent: ModelRequest[] = [];

  constructor(private readonly model: ModelPort) {}

  async generate(request: ModelRequest, options: GenerateOptions): Promise<ModelOutcome> {
    const text = textOf(request);
    const known = Math.max(0, ...this.sent.map((earlier) => sharedBeginning(textOf(earlier), text)));
    this.sent.push(request);
    const outcome = await this.model.generate(request, options);
    if (outcome.kind !== 'answered' || outcome.usage === null) return outcome;
    const cachedInput = Math.floor(known / CHARACTERS_PER_TOKEN);
    const input = Math.ceil(text.length / CHARACTERS_PER_TOKEN) - cachedInput;
    return { ...outcome, usage: { ...outcome.usage, input, cachedInput } };
  }
}

function textOf({ system = '', messages }: ModelRequest): string {
  return [system, ...messages.map(({ text }) => text)].join('\n');
}

/** In characters, up to the end of the last line that is the same. */
function sharedBeginning(one: string, other: string): number {
  let length = 0;
  while (length < one.length && one[length] === other[length]) length += 1;
  return one.slice(0, length).lastIndexOf('\n') + 1;
}
