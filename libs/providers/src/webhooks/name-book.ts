// Providers room. Which addresses a name has, asked of the DNS with a clock of its own: the system's look-up runs on a
// few threads that the whole process shares, and names that are never answered would hold them all.
import type { LookupAddress } from 'node:dns';
import { lookup, Resolver } from 'node:dns/promises';

export interface NameBookSettings {
  /** How long the whole of a try may take; a look-up takes less. */
  readonly withinMs: number;
  /** Whether names without a dot are the machine's own to know, as `localhost` or a neighbouring container. */
  readonly knowsLocalNames: boolean;
}

const ASKED_TWICE = 2;
const LONGEST_MS = 1_000;

export class NameBook {
  private readonly resolver: Resolver;

  constructor(private readonly settings: NameBookSettings) {
    // The second time is waited for twice as long, so that both together stay within the try.
    const timeout = Math.min(LONGEST_MS, Math.floor(settings.withinMs / 4));
    this.resolver = new Resolver({ timeout, tries: ASKED_TWICE });
  }

  /** None where there are none, and where nobody could say. */
  async addressesOf(name: string): Promise<readonly LookupAddress[]> {
    if (name.includes('.')) {
      const asked = [this.ofFamily(name, 4), this.ofFamily(name, 6)];
      return (await Promise.all(asked)).flat();
    }
    if (!this.settings.knowsLocalNames) return [];
    try {
      return await lookup(name, { all: true });
    } catch {
      return [];
    }
  }

  private async ofFamily(name: string, family: 4 | 6): Promise<LookupAddress[]> {
    try {
      const found = await (family === 4 ? this.resolver.resolve4(name) : this.resolver.resolve6(name));
      return found.map((address) => ({ address, family }));
    } catch {
      return [];
    }
  }
}
