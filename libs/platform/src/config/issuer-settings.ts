// Platform room. Whose word is taken for who somebody is: the issuers of OpenID Connect that an operator trusts.
import { z } from 'zod';

const LOOPBACK = new Set(['127.0.0.1', 'localhost', '[::1]']);

/** Keys that came over plain text could be anybody's: that is for issuers on this machine alone. */
function isTrustworthy(value: string): boolean {
  if (!URL.canParse(value)) return false;
  const { protocol, hostname } = new URL(value);
  return protocol === 'https:' || (protocol === 'http:' && LOOPBACK.has(hostname));
}

export const safeUrl = z.string().refine(isTrustworthy, 'must be an https URL, or http on this machine');
const word = z.string().min(1);

const issuer = z.strictObject({
  issuer: safeUrl,
  audience: word,
  jwks_url: safeUrl.optional(),
  client_id: word.optional(),
  client_secret: word.optional(),
  staff: z.strictObject({ claim: word, support: word.optional(), admin: word.optional() }).optional(),
});

export interface StaffClaim {
  /** The claim that lists what somebody is to the platform: text, or a list of texts. */
  readonly claim: string;
  readonly support: string | undefined;
  readonly admin: string | undefined;
}

export interface IssuerSettings {
  /** Exactly as its tokens name it. */
  readonly issuer: string;
  /** Whom a bearer token must be meant for. */
  readonly audience: string;
  /** Without it the issuer's own configuration says where its keys are. */
  readonly jwksUrl: string | undefined;
  /** Without it nobody signs in to the page through this issuer; its bearer tokens are taken all the same. */
  readonly clientId: string | undefined;
  readonly clientSecret: string | undefined;
  readonly staff: StaffClaim | undefined;
}

export const issuerList = z.string().transform((text, context): readonly IssuerSettings[] => {
  const read = z.array(issuer).min(1).safeParse(jsonOf(text));
  if (!read.success) {
    const [fault] = read.error.issues;
    const at = (fault?.path ?? []).map(String).join('.');
    context.addIssue({
      code: 'custom',
      message: `must be a JSON list of issuers${at === '' ? '' : `; ${at}: ${fault?.message ?? ''}`}`,
    });
    return z.NEVER;
  }
  if (new Set(read.data.map((one) => one.issuer)).size < read.data.length) {
    context.addIssue({ code: 'custom', message: 'must name each issuer once' });
    return z.NEVER;
  }
  return read.data.map((one) => ({
    issuer: one.issuer,
    audience: one.audience,
    jwksUrl: one.jwks_url,
    clientId: one.client_id,
    clientSecret: one.client_secret,
    staff:
      one.staff === undefined
        ? undefined
        : { claim: one.staff.claim, support: one.staff.support, admin: one.staff.admin },
  }));
});

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
