// Activities room. What codes in the facts of a notice are called in its mail, since people read no codes. A language
// is whole or does not compile; visitors read these words too.
import type { ReviewDetail, ReviewState } from '@fairmeter/domain';
import type { NoticeLanguage } from '@fairmeter/records';

type FactWords = {
  readonly state: Readonly<Record<ReviewState, string>>;
  /** Of a review by which others alone got credits back. */
  readonly state_for_others: Readonly<Partial<Record<ReviewState, string>>>;
  readonly returned_to: Readonly<Record<'visitor' | 'owner', string>>;
  readonly needs: Readonly<Record<ReviewDetail, string>>;
  /** To fill in, in an answer: read by their labels. */
  readonly answer_lines: Readonly<Record<ReviewDetail, string>>;
};

const ENGLISH: FactWords = {
  state: {
    submitted: 'received',
    needs_info: 'some details are missing',
    analysing: 'being looked into',
    confirmed: 'confirmed',
    partly_confirmed: 'partly confirmed',
    not_confirmed: 'not confirmed',
    granting: 'credits are being added',
    notified: 'credits were added',
    guided: 'advice is ready',
    closed: 'closed',
    closed_not_confirmed: 'closed, not confirmed',
    closed_stale: 'closed, since no answer came',
    reopened: 'opened again',
    duplicate: 'joined with an earlier report',
  },
  state_for_others: { notified: 'credits went back to whoever had paid' },
  returned_to: { visitor: 'the visitor who had paid', owner: 'those who run the bot, who had paid' },
  needs: {
    thread: 'a link to the thread',
    task: 'what it was to bring about',
    model: 'the model, or that it is unknown',
    build_state: 'how preview and build stood',
    message_count: 'roughly how many messages it has',
    large_files: 'large files in it, or none',
  },
  answer_lines: {
    thread: 'Thread: …',
    task: 'Task: …',
    model: 'Model: …',
    build_state: 'Preview: …',
    message_count: 'Messages: …',
    large_files: 'Large files: …',
  },
};

const GERMAN: FactWords = {
  state: {
    submitted: 'eingegangen',
    needs_info: 'einige Angaben fehlen',
    analysing: 'wird untersucht',
    confirmed: 'bestätigt',
    partly_confirmed: 'teilweise bestätigt',
    not_confirmed: 'nicht bestätigt',
    granting: 'Credits werden hinzugefügt',
    notified: 'Credits wurden hinzugefügt',
    guided: 'Hinweise liegen vor',
    closed: 'abgeschlossen',
    closed_not_confirmed: 'abgeschlossen, nicht bestätigt',
    closed_stale: 'abgeschlossen, weil keine Antwort kam',
    reopened: 'wieder aufgenommen',
    duplicate: 'mit einer früheren Meldung zusammengelegt',
  },
  state_for_others: { notified: 'Credits gingen an die Zahlenden zurück' },
  returned_to: {
    visitor: 'die Person, die als Besucher bezahlt hatte',
    owner: 'die Betreiber des Bots, die bezahlt hatten',
  },
  needs: {
    thread: 'ein Link zum Thread',
    task: 'was er bewirken sollte',
    model: 'das Modell, oder dass es unbekannt ist',
    build_state: 'wie Vorschau und Build standen',
    message_count: 'wie viele Nachrichten er ungefähr hat',
    large_files: 'große Dateien darin, oder keine',
  },
  answer_lines: {
    thread: 'Thread: …',
    task: 'Aufgabe: …',
    model: 'Modell: …',
    build_state: 'Vorschau: …',
    message_count: 'Nachrichten: …',
    large_files: 'Große Dateien: …',
  },
};

export const FACT_WORDS: Readonly<Record<NoticeLanguage, FactWords>> = { en: ENGLISH, de: GERMAN };

/** Of a state that is called otherwise for whoever got nothing of what came back. */
export function wordForOthers(language: NoticeLanguage, state: string): string | undefined {
  const words: Readonly<Record<string, string>> = FACT_WORDS[language].state_for_others;
  return words[state];
}

/** What has no word here is said as it is: a figure, an instant, an id. */
export function factWord(language: NoticeLanguage, fact: string, code: string): string {
  const words: Readonly<Record<string, Readonly<Record<string, string>>>> = FACT_WORDS[language];
  return words[fact]?.[code] ?? code;
}
