// Command line. Codes of the local issuer: each good for one exchange, for a minute, by whoever began the sign-in.
import { createHash, randomBytes } from 'node:crypto';

const LASTS_MS = 60_000;
const AT_MOST = 1_000;

export interface CodeOrder {
  readonly subject: string;
  readonly redirectUri: string;
  readonly challenge: string;
  readonly nonce: string | null;
}

export class SignInCodes {
  private readonly open = new Map<string, CodeOrder & { readonly until: number }>();

  constructor(private readonly now: () => number) {}

  give(order: CodeOrder): string {
    const [oldest] = this.open.keys();
    if (this.open.size >= AT_MOST && oldest !== undefined) this.open.delete(oldest);
    const code = randomBytes(24).toString('base64url');
    this.open.set(code, { ...order, until: this.now() + LASTS_MS });
    return code;
  }

  /** Gone with the first try, also a wrong one: whoever guesses does not guess twice. */
  take(code: string, proof: { readonly redirectUri: string; readonly verifier: string }): CodeOrder | undefined {
    const order = this.open.get(code);
    this.open.delete(code);
    if (order === undefined || order.until < this.now() || order.redirectUri !== proof.redirectUri) return undefined;
    const challenge = createHash('sha256').update(proof.verifier).digest('base64url');
    return challenge === order.challenge ? order : undefined;
  }
}
