// Activities room. Mails of what was announced: each is sent under an id that follows from its announcement, and noted
// as sent, so that a crash in between sends the same message again and no other.
import type { Clock } from '@fairmeter/platform';
import type { EntityDatabase } from '@fairmeter/platform/database';
import { instant, reviewThreadId } from '@fairmeter/domain';
import type { Mail, MailPort } from '@fairmeter/providers/mail';
import type { DueMail } from '@fairmeter/records';
import { noteMailProblem, noteMailSent, takeDueMail } from '@fairmeter/records';
import { mailText } from './mail-text.js';

export interface NoticeMailParts {
  readonly entities: EntityDatabase;
  /** Null where no mail leaves: what would have been said is listed all the same. */
  readonly port: MailPort | null;
  readonly clock: Clock;
  /** What stands behind the @ of message ids. */
  readonly host: string;
  /** Whether answers are handed on to us. */
  readonly isHeard: boolean;
}

const PAUSES_MS = [1, 5, 30, 120, 360, 720].map((minutes) => minutes * 60_000);
const TRIES = 12;
/** What is older is no news: on the day on which mail is set up, months of it would leave. */
const NEWS_FOR_MS = 3 * 86_400_000;

export class NoticeMails {
  constructor(private readonly parts: NoticeMailParts) {}

  /** Sends one that is due, and says whether there was any. */
  async sendOne(): Promise<number> {
    const { port, clock, entities, host, isHeard } = this.parts;
    if (port === null) return 0;
    return entities.transaction(async (tx) => {
      const mail = await takeDueMail(tx, instant(clock.now()));
      if (mail === null) return 0;
      const { id, tries, address, at } = mail;
      if (clock.now() - at > NEWS_FOR_MS) {
        await noteMailProblem(tx, id, { problem: 'too old', nextAt: null });
        return 1;
      }
      if (address === null) {
        await noteMailProblem(tx, id, { problem: 'no address', nextAt: null });
        return 1;
      }
      try {
        const outcome = await port.send({
          ...{ to: address, messageId: `${id}@${host}` },
          ...mailText({ ...mail, isHeard }),
          ...threadOf(mail, host),
        });
        if (outcome === 'sent') await noteMailSent(tx, id);
        else await noteMailProblem(tx, id, { problem: outcome, nextAt: null });
      } catch {
        const pauseMs = PAUSES_MS[Math.min(tries, PAUSES_MS.length - 1)] ?? 0;
        const nextAt = tries + 1 >= TRIES ? null : instant(clock.now() + pauseMs);
        // What the server said may quote the address.
        await noteMailProblem(tx, id, { problem: 'unreachable', nextAt });
      }
      return 1;
    });
  }

  close(): void {
    this.parts.port?.close();
  }
}

/** All that is said of one case is one talk, to which an answer belongs also where its subject was changed. */
function threadOf({ type, facts }: DueMail, host: string): Pick<Mail, 'threadId'> {
  const { case_id: caseId } = facts;
  return type === 'review.changed' && typeof caseId === 'string' ? { threadId: reviewThreadId(caseId, host) } : {};
}
