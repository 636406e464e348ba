// Activities room. What warns and what mails, made from the configuration.
import type { WorkerConfig } from '@fairmeter/platform';
import { systemClock } from '@fairmeter/platform';
import type { EntityDatabase } from '@fairmeter/platform/database';
import { SmtpMail } from '@fairmeter/providers/mail';
import { CreditWarnings } from './credit-warnings.js';
import { NoticeMails } from './notice-mails.js';

export interface Notices {
  readonly creditWarnings: CreditWarnings;
  readonly noticeMails: NoticeMails;
}

const WITHIN_MS = 10_000;
/** Where the sender's address has none that could be read. */
const NO_HOST = 'fairmeter.invalid';

export function openNotices({ mail }: WorkerConfig, entities: EntityDatabase): Notices {
  const port = mail === undefined ? null : new SmtpMail({ ...mail, withinMs: WITHIN_MS });
  const host = /@([A-Za-z0-9.-]+)/.exec(mail?.from ?? '')?.[1] ?? NO_HOST;
  return {
    creditWarnings: new CreditWarnings({ entities, clock: systemClock, mails: port !== null }),
    noticeMails: new NoticeMails({ entities, port, clock: systemClock, host, isHeard: mail?.isHeard ?? false }),
  };
}
