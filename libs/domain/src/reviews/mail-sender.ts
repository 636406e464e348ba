// Domain room. Whether a mail is from the address that it names, as the gateway that took it in has found. Only a pass
// of DMARC says so: SPF and DKIM alone may have passed for any other domain.

/** As gateways write them, in any case: `pass`, `fail`, `none` and many more. */
export interface MailChecks {
  readonly dmarc?: string | null | undefined;
  readonly spf?: string | null | undefined;
  readonly dkim?: string | null | undefined;
}

export type SenderVerdict = 'passed' | 'failed' | 'unstated';

const PASSED = new Set(['pass', 'passed']);
const FAILED = new Set(['fail', 'failed', 'hardfail', 'softfail', 'reject', 'quarantine']);

export function verdictOfSender({ dmarc, spf, dkim }: MailChecks): SenderVerdict {
  if (isOf(PASSED, dmarc)) return 'passed';
  if (isOf(FAILED, dmarc)) return 'failed';
  // A domain without a policy: what failed and was made good by nothing else was not sent by whom it names.
  const others = [spf, dkim];
  return others.some((one) => isOf(FAILED, one)) && !others.some((one) => isOf(PASSED, one)) ? 'failed' : 'unstated';
}

function isOf(words: ReadonlySet<string>, said: string | null | undefined): boolean {
  return said !== null && said !== undefined && words.has(said.trim().toLowerCase());
}
