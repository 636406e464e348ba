// API room. What the gateway is given to send back, where nothing happens that a mail of ours would tell. Programs are
// asked not to answer it, or two of them would talk for ever. Whoever may not know of a case reads the same as if there
// was none.
import { REVIEW_SUBJECT, reviewThreadId, withReviewMark } from '@fairmeter/domain';
import { z } from 'zod';
import type { Language } from '../wording/catalogue.js';

export const mailReplyBody = z.object({
  to: z.string(),
  subject: z.string(),
  text: z.string(),
  headers: z.record(z.string(), z.string()).describe('To be set as they are.'),
});
export type MailReply = z.output<typeof mailReplyBody>;

export interface AnsweredMail {
  readonly mail: { readonly subject: string; readonly message_id: string };
  /** The one address that a reply goes to: what else stands beside it may name others. */
  readonly sender: string | undefined;
}

const ENGLISH = {
  address_needed:
    'We do not know this address. Please write again, from the address that you sign in with or with that address ' +
    `in the text, and keep the subject: ${REVIEW_SUBJECT}.`,
  own_address_needed:
    'We do not know this address. Please write again, from the address that you sign in with, and keep the subject: ' +
    `${REVIEW_SUBJECT}.`,
  not_matched:
    'This answer could not be joined to a review. Please send it from the address that you sign in with, and keep ' +
    `the subject. To report high use anew, write a mail with the subject: ${REVIEW_SUBJECT}.`,
  under_way: 'This review waits for no details now, so that your mail changed nothing. You are told how it goes on.',
  over:
    'This review is over and cannot be opened again. To report high use anew, write a mail with the subject ' +
    `"${REVIEW_SUBJECT}" and these lines:\nThread: …\nTask: …\nModel: …\nPreview: …\nMessages: …\nLarge files: …`,
} as const;

type ReplyKey = keyof typeof ENGLISH;

const GERMAN: Readonly<Record<ReplyKey, string>> = {
  address_needed:
    'Wir kennen diese Adresse nicht. Bitte schreiben Sie noch einmal, von der Adresse, mit der Sie sich anmelden, ' +
    `oder mit dieser Adresse im Text, und behalten Sie den Betreff: ${REVIEW_SUBJECT}.`,
  own_address_needed:
    'Wir kennen diese Adresse nicht. Bitte schreiben Sie noch einmal, von der Adresse, mit der Sie sich anmelden, ' +
    `und behalten Sie den Betreff: ${REVIEW_SUBJECT}.`,
  not_matched:
    'Diese Antwort ließ sich keiner Prüfung zuordnen. Bitte senden Sie sie von der Adresse, mit der Sie sich ' +
    `anmelden, und behalten Sie den Betreff. Neues melden Sie in einer Mail mit dem Betreff: ${REVIEW_SUBJECT}.`,
  under_way:
    'Für diese Prüfung fehlen zurzeit keine Angaben; Ihre Mail hat nichts geändert. Sie erfahren, wie es weitergeht.',
  over:
    'Diese Prüfung ist abgeschlossen und wird nicht wieder aufgenommen. Neues melden Sie in einer Mail mit dem ' +
    `Betreff "${REVIEW_SUBJECT}" und diesen Zeilen:\nThread: …\nAufgabe: …\nModell: …\nVorschau: …\nNachrichten: …\n` +
    'Große Dateien: …',
};

const WORDS: Readonly<Record<Language, Readonly<Record<ReplyKey, string>>>> = { en: ENGLISH, de: GERMAN };

/** Null where nobody is plainly its sender. `caseId`: of the review it is about, which whoever reads it may know. */
export function replyTo(
  { mail, sender: to }: AnsweredMail,
  key: ReplyKey,
  { language, caseId }: { readonly language: Language; readonly caseId?: string },
): MailReply | null {
  if (to === undefined) return null;
  const subject = `Re: ${onOneLine(mail.subject)}`;
  const answered = onOneLine(mail.message_id);
  return {
    to,
    subject: caseId === undefined ? subject : withReviewMark(subject, caseId),
    text: WORDS[language][key],
    headers: {
      'Auto-Submitted': 'auto-replied',
      'X-Auto-Response-Suppress': 'All',
      'In-Reply-To': answered,
      References: `<${reviewThreadId(caseId ?? 'reply', OF_REPLIES)}> ${answered}`,
    },
  };
}

/** Stands behind the @ in what every reply refers to, and so does whatever answers one. */
const OF_REPLIES = 'reviews.invalid';

/** Programs that do not say that they are programs would talk with us for ever: a reply is not replied to again. */
export function answersReply(references: string): boolean {
  return references.includes(`@${OF_REPLIES}>`);
}

function onOneLine(text: string): string {
  return text.replace(/[\r\n]+/g, ' ').trim();
}
