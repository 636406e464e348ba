// API room. One issuer of OpenID Connect as this API uses it: its keys, and where people sign in with it.
import type { IssuerSettings } from '@fairmeter/platform';
import { safeUrl } from '@fairmeter/platform';
import type { JWTVerifyGetKey } from 'jose';
import { createRemoteJWKSet } from 'jose';
import { z } from 'zod';

const ANSWERS_WITHIN_MS = 5_000;
/** An issuer that does not answer is not asked again at once by everybody who waits for it. */
const RESTS_AFTER_FAILURE_MS = 1_000;
/** A token with a key that nobody knows makes us look for new keys, and a flood of such tokens no more often. */
const KEYS_ASKED_AGAIN_AFTER_MS = 30_000;

const metadata = z.object({
  issuer: z.string(),
  // What the issuer names is held to what an operator may name: keys over plain text could be anybody's.
  jwks_uri: safeUrl,
  authorization_endpoint: safeUrl.optional(),
  token_endpoint: safeUrl.optional(),
  authorization_response_iss_parameter_supported: z.boolean().optional(),
});
export type IssuerMetadata = z.output<typeof metadata>;

/** The issuer cannot be asked now: nothing is wrong with what it was to be asked about. */
export class IssuerAway extends Error {
  override readonly name = 'IssuerAway';
}

export class Issuer {
  private asked: { readonly answer: Promise<IssuerMetadata>; failedAt?: number } | undefined;
  private found: JWTVerifyGetKey | undefined;

  constructor(readonly settings: IssuerSettings) {}

  /** Kept for as long as the process runs once it was read. */
  async metadata(): Promise<IssuerMetadata> {
    const { asked } = this;
    const isToAsk =
      asked === undefined ||
      (asked.failedAt !== undefined && performance.now() - asked.failedAt >= RESTS_AFTER_FAILURE_MS);
    if (!isToAsk) return asked.answer;
    const asking: typeof asked = { answer: this.discover() };
    this.asked = asking;
    asking.answer.catch(() => {
      asking.failedAt = performance.now();
    });
    return asking.answer;
  }

  async keys(): Promise<JWTVerifyGetKey> {
    this.found ??= createRemoteJWKSet(new URL(this.settings.jwksUrl ?? (await this.metadata()).jwks_uri), {
      timeoutDuration: ANSWERS_WITHIN_MS,
      cooldownDuration: KEYS_ASKED_AGAIN_AFTER_MS,
    });
    return this.found;
  }

  private async discover(): Promise<IssuerMetadata> {
    const { issuer } = this.settings;
    const url = `${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`;
    try {
      const answer = await fetch(url, { redirect: 'error', signal: AbortSignal.timeout(ANSWERS_WITHIN_MS) });
      if (!answer.ok) throw new Error(`it answered ${answer.status}`);
      const read = metadata.parse(await answer.json());
      if (read.issuer !== issuer) throw new Error('it calls itself by another name');
      return read;
    } catch (error) {
      throw new IssuerAway(`the configuration of ${issuer} cannot be read`, { cause: error });
    }
  }
}
