// Activities room. What a mail says, by type of notice and language. Some go to visitors, so that all keep to words of
// usage: credits, what remains, what was added. A test reads every sentence for words that speak of money instead.
import type { AnnouncedNotice } from '@fairmeter/domain';
import type { NoticeFacts, NoticeLanguage } from '@fairmeter/records';
import { factWord, wordForOthers } from './fact-words.js';

export interface MailText {
  readonly subject: string;
  readonly text: string;
}

export interface MailOf {
  readonly type: AnnouncedNotice;
  readonly facts: NoticeFacts;
  readonly language: NoticeLanguage;
  /** Whether anybody hears an answer to it: where not, nobody is asked to answer. */
  readonly isHeard: boolean;
}

type Catalogue = Readonly<Record<AnnouncedNotice, MailText>>;

/**
 * `{name}` is the fact of that name; a line that names one which there is not is left out. The subject of a mail about
 * a review names it in brackets: an answer is told by that.
 */
const ENGLISH: Catalogue = {
  'credits.low': {
    subject: 'Your credits run low',
    text:
      'Of the credits of this period {percent} % or less are left: {left} of {granted}.\n' +
      'Available now: {available}.\n' +
      'The period ends at {period_end}.',
  },
  'credits.zero': {
    subject: 'Your credits are used up',
    text:
      'No credits are left, and AI requests pause until there are some again. Everything else stays ' +
      'usable.\n' +
      'The period ends at {period_end}.',
  },
  'credits.reset': { subject: 'Your credits were renewed', text: '{amount} credits are there since {since}.' },
  'credits.ending_soon': {
    subject: 'Some of your credits end soon',
    text: 'Of {amount} credits, what is left ends at {expires_at}.',
  },
  'review.changed': {
    subject: 'Your usage review: {state} [{case_id}]',
    text:
      'The review {case_id} is now: {state}.\n' +
      'Credits added: {credits}. They are available already.\n' +
      'Credits went back to {returned_to}.\n' +
      'Still needed: {needs}.\n' +
      'To add it, answer this mail, keep its subject, and fill in what you know:{answer_lines}\n' +
      'Advice: {advice}.\n' +
      'Reasons and advice in full: /v1/reviews/{case_id}.',
  },
  'incident.compensated': {
    subject: 'Credits were added after an incident',
    text: 'An incident of ours made jobs use more credits than they should.\nCredits added: {credits}.',
  },
  'purchase.paid': { subject: 'Your credits are there', text: 'Credits added: {credits}.' },
  'bot.model_withdrawn': {
    subject: 'A bot of yours uses another model now',
    text:
      'Bot {bot_id} used the model {model}, which your plan does not include any more.\n' +
      'Its default is now {default_model}.',
  },
  'webhook.test': { subject: 'A webhook was tried out', text: 'Webhook {webhook_id} was sent a test event.' },
  'webhook.disabled': {
    subject: 'A webhook of yours was disabled',
    text:
      'Nothing is sent to webhook {webhook_id} any more. Reason: {reason}.\n' +
      'Mend the receiver and enable the webhook. Ask for what had waited with POST ' +
      '/v1/account/webhooks/{webhook_id}/redeliver.\n' +
      'What happens while it is disabled is not kept for it: see /v1/account/ledger, /v1/jobs, /v1/account/notices.',
  },
};

const GERMAN: Catalogue = {
  'credits.low': {
    subject: 'Ihre Credits werden knapp',
    text:
      'Von den Credits dieses Zeitraums sind höchstens {percent} % übrig: {left} von {granted}.\n' +
      'Verfügbar: {available}.\n' +
      'Der Zeitraum endet am {period_end}.',
  },
  'credits.zero': {
    subject: 'Ihre Credits sind verbraucht',
    text:
      'Es sind keine Credits mehr übrig; KI-Anfragen pausieren, bis wieder welche da sind. Alles andere ' +
      'bleibt nutzbar.\n' +
      'Der Zeitraum endet am {period_end}.',
  },
  'credits.reset': { subject: 'Ihre Credits wurden erneuert', text: '{amount} Credits sind seit {since} da.' },
  'credits.ending_soon': {
    subject: 'Ein Teil Ihrer Credits endet bald',
    text: 'Was von {amount} Credits übrig ist, endet am {expires_at}.',
  },
  'review.changed': {
    subject: 'Ihre Verbrauchsprüfung: {state} [{case_id}]',
    text:
      'Die Prüfung {case_id} ist jetzt: {state}.\n' +
      'Hinzugefügte Credits: {credits}. Sie sind bereits verfügbar.\n' +
      'Credits gingen zurück an {returned_to}.\n' +
      'Es fehlt noch: {needs}.\n' +
      'Antworten Sie dazu auf diese Mail, behalten Sie den Betreff und ergänzen Sie, was Sie wissen:{answer_lines}\n' +
      'Hinweise: {advice}.\n' +
      'Gründe und Hinweise im Ganzen: /v1/reviews/{case_id}.',
  },
  'incident.compensated': {
    subject: 'Nach einer Störung wurden Credits hinzugefügt',
    text:
      'Durch eine Störung bei uns haben Aufträge mehr Credits verbraucht, als sie sollten.\n' +
      'Hinzugefügte Credits: {credits}.',
  },
  'purchase.paid': { subject: 'Ihre Credits sind da', text: 'Hinzugefügte Credits: {credits}.' },
  'bot.model_withdrawn': {
    subject: 'Einer Ihrer Bots nutzt jetzt ein anderes Modell',
    text:
      'Der Bot {bot_id} nutzte das Modell {model}, das Ihr Plan nicht mehr enthält.\n' +
      'Sein Standard ist jetzt {default_model}.',
  },
  'webhook.test': { subject: 'Ein Webhook wurde erprobt', text: 'An den Webhook {webhook_id} ging ein Testereignis.' },
  'webhook.disabled': {
    subject: 'Einer Ihrer Webhooks wurde abgeschaltet',
    text:
      'An den Webhook {webhook_id} wird nichts mehr gesendet. Grund: {reason}.\n' +
      'Bringen Sie den Empfänger in Ordnung und schalten Sie den Webhook ein. Was noch wartete, fordern Sie an: ' +
      'POST /v1/account/webhooks/{webhook_id}/redeliver.\n' +
      'Was bis dahin geschieht, wird für ihn nicht aufgehoben: /v1/account/ledger, /v1/jobs, /v1/account/notices.',
  },
};

export const MAIL_CATALOGUES: Readonly<Record<NoticeLanguage, Catalogue>> = { en: ENGLISH, de: GERMAN };

export function mailText(mail: MailOf): MailText {
  const { subject, text } = MAIL_CATALOGUES[mail.language][mail.type];
  const lines = text.split('\n').flatMap((line) => filled(line, mail) ?? []);
  return { subject: filled(subject, mail) ?? subject.replace(/:? ?\{.*\}/, ''), text: `${lines.join('\n')}\n` };
}

function filled(line: string, mail: MailOf): string | null {
  const names = [...line.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => name);
  if (names.some((name) => sayable(mail, name) === null)) return null;
  return names.reduce((said, name) => said.replace(`{${name}}`, sayable(mail, name) ?? ''), line);
}

/** Facts that are said a second way: each of their codes as a line to fill in, in an answer. */
const LINES_OF: Readonly<Record<string, string>> = { answer_lines: 'needs' };

function sayable({ facts, language, isHeard }: MailOf, name: string): string | null {
  const listed = LINES_OF[name];
  if (listed !== undefined && !isHeard) return null;
  const fact = facts[listed ?? name];
  const isOfOthers = facts['returned_to'] !== undefined && facts['credits'] === undefined;
  const word = (code: string): string =>
    (name === 'state' && isOfOthers ? wordForOthers(language, code) : undefined) ?? factWord(language, name, code);
  if (Array.isArray(fact)) {
    const words = fact.map((one) => word(String(one)));
    if (words.length === 0) return null;
    return listed === undefined ? words.join(', ') : `\n${words.join('\n')}\n`;
  }
  return typeof fact === 'string' || typeof fact === 'number' ? word(String(fact)) : null;
}
