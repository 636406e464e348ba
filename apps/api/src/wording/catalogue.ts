// API room. What visitors are told, by key and language. Whoever adds a key adds it in every language, and in words of
// usage: units, allowance, what remains. A test reads every sentence for words that speak of money instead. What they
// are told of a problem stands beside it, by code (`problem-words.ts`).
export const LANGUAGES = ['en', 'de'] as const;
export type Language = (typeof LANGUAGES)[number];

export const USUAL_LANGUAGE: Language = 'en';

const ENGLISH = {
  purpose: 'Credits are usage units for answers of this bot, and good for nothing else.',
  not_payable_out: 'Credits are not payable out and not transferable to anybody else.',
  at_zero: 'When none remain, the bot answers again as soon as you have usage units again; nothing runs up until then.',
  starting_point: 'An answer with code is a technical starting point of value that a person must review.',
  archived: 'This bot takes no new requests. What you have asked before stays readable.',
  deletion:
    'Deleting your data stops what is running, erases your texts and files, and ends all units that remain. It ' +
    'cannot be undone, and whoever comes back starts at 0.',
  option_buy: 'Get more usage units for this bot.',
  option_wait: 'Wait until {date}: then your allowance is full again.',
  option_ask_owner: 'Ask those who run this bot.',
} as const;

export type MessageKey = keyof typeof ENGLISH;
export type Catalogue = Readonly<Record<MessageKey, string>>;

const GERMAN: Catalogue = {
  purpose: 'Credits sind Nutzungseinheiten für Antworten dieses Bots und gelten für nichts anderes.',
  not_payable_out: 'Credits sind nicht auszahlbar und nicht auf andere übertragbar.',
  at_zero: 'Ist nichts mehr übrig, antwortet der Bot wieder, sobald Sie neue Nutzungseinheiten haben.',
  starting_point: 'Eine Antwort mit Code ist ein wertvoller technischer Ausgangspunkt, den ein Mensch prüfen muss.',
  archived: 'Dieser Bot nimmt keine neuen Anfragen an. Ihre bisherigen bleiben lesbar.',
  deletion:
    'Das Löschen Ihrer Daten beendet, was läuft, löscht Ihre Texte und Dateien und beendet alle übrigen ' +
    'Einheiten. Es ist endgültig, und wer wiederkommt, beginnt bei 0.',
  option_buy: 'Weitere Nutzungseinheiten für diesen Bot erwerben.',
  option_wait: 'Bis {date} warten: Dann ist Ihr Kontingent wieder voll.',
  option_ask_owner: 'Die Betreiber dieses Bots fragen.',
};

export const CATALOGUES: Readonly<Record<Language, Catalogue>> = { en: ENGLISH, de: GERMAN };

export function say(language: Language, key: MessageKey): string {
  return CATALOGUES[language][key];
}

/** With a date in it, as it is written in that language. */
export function sayDate(language: Language, key: MessageKey, epochMs: number): string {
  return say(language, key).replace('{date}', DATES[language].format(epochMs));
}

const dates = (language: Language): Intl.DateTimeFormat =>
  new Intl.DateTimeFormat(language, {
    year: 'numeric',
    month: 'long',
    day: 'numeric',
    hour: '2-digit',
    minute: '2-digit',
    timeZone: 'UTC',
    timeZoneName: 'short',
  });

const DATES: Readonly<Record<Language, Intl.DateTimeFormat>> = { en: dates('en'), de: dates('de') };
