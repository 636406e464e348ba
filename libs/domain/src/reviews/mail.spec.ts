// Domain room. Which mail answers a case, which one no person wrote, and what of an answer was written in it.
import { describe, expect, it } from '@jest/globals';
import type { AnsweredReport, ReviewDetail } from './details.js';
import { detailsOfMail, stillMissing } from './details.js';
import { isAutomaticMail, reviewMark, reviewsNamedBy, reviewThreadId, senderOfMail, withReviewMark } from './mail.js';
import { ownWordsOf } from './own-words.js';

const ONE = 'rvw_01m7zhkwrwkdhzgfp4s0vpqpfx';
const OTHER = 'rvw_01m7zhkwrwkdhzgfp4s0vpqpfy';

describe('a mail names a case', () => {
  it.each<readonly [string, readonly [string, string], readonly string[]]>([
    ['by its subject', [`Re: Your usage review: some details are missing ${reviewMark(ONE)}`, ''], [ONE]],
    ['in any case', [`AW: ${reviewMark(ONE).toUpperCase()} (fwd)`, ''], [ONE]],
    ['by what it refers to', ['My answer', `<ntc_1@mail.example> <${reviewThreadId(ONE, 'mail.example')}>`], [ONE]],
    ['by both, each once', [`Re: x ${reviewMark(OTHER)}`, `<${ONE}@a.example> <${OTHER}@a.example>`], [OTHER, ONE]],
    ['in brackets alone', [`Re: ${ONE}`, ONE], []],
    ['by an id alone', ['Re: [rvw_] [job_01m7zhkwrwkdhzgfp4s0vpqpfx] [rvw_../x]', '<rvw_@a.example>'], []],
    ['not at all', ['High Credit Usage Review', '<one@mail.example>'], []],
  ])('[E26] %s', (_how, [subject, references], named) => {
    expect(reviewsNamedBy(subject, references)).toEqual(named);
  });

  it('[E26] and is marked once, however often it goes to and fro', () => {
    const subject = withReviewMark('Re: My usage', ONE);
    expect(subject).toBe(`Re: My usage [${ONE}]`);
    expect(withReviewMark(`Re: ${subject}`, ONE)).toBe(`Re: ${subject}`);
  });

  it('and no more cases than a talk can be about', () => {
    const many = Array.from({ length: 40 }, (_, at) => `[rvw_0123456789${at}]`).join(' ');
    expect(reviewsNamedBy(many, '')).toHaveLength(5);
  });
});

describe('a mail', () => {
  it.each<readonly [string, Readonly<Record<string, string>>, boolean]>([
    ['an answer of a program', { 'Auto-Submitted': 'auto-replied' }, true],
    ['one in other letters', { 'AUTO-SUBMITTED': ' Auto-Generated; x=y' }, true],
    ['one of a person, said so', { 'auto-submitted': 'No' }, false],
    ['bulk', { Precedence: 'bulk' }, true],
    ['an older answer of a program', { precedence: 'auto_reply' }, true],
    ['one that came through a list', { precedence: 'list' }, false],
    ['an absence', { 'X-Auto-Response-Suppress': 'OOF, AutoReply' }, true],
    ['one that suppresses nothing', { 'x-auto-response-suppress': 'None' }, false],
    ['one that could not be delivered', { 'Return-Path': '<>' }, true],
    ['one of a person', { 'Return-Path': '<ann@example.com>', 'In-Reply-To': '<ntc_1@mail.example>' }, false],
  ])('[E26] that is %s is told by its headers', (_what, headers, isAutomatic) => {
    expect(isAutomaticMail({ messageId: '<one@mail.example>', headers })).toBe(isAutomatic);
  });

  it('[E26] of ours that comes back is known by its id', () => {
    for (const messageId of ['<ntc_01m7zhkwrwkdhzgfp4s0vpqpfx@mail.example>', ' ntc_01m7zhkwrwkdhzgfp4s0vpqpfx@a']) {
      expect(isAutomaticMail({ messageId, headers: {} })).toBe(true);
    }
    expect(isAutomaticMail({ messageId: '<my-ntc_01m7zhkwrwkdhzgfp4s0vpqpfx@a>', headers: {} })).toBe(false);
  });
});

describe('the sender of a mail', () => {
  const nine = Array.from({ length: 9 }, (_, at) => `one${at}@corp.com`).join(' ');
  it.each<readonly [string, string]>([
    ['alone', 'Mallory@Evil.com'],
    ['in brackets', ' <mallory@evil.com> '],
    ['behind a name', 'Mallory, of Evil <MALLORY@evil.com>'],
    ['behind itself', 'mallory@evil.com <Mallory@evil.com>'],
    ['behind a quoted name with addresses', '"mallory@evil.com alice@corp.com" <mallory@evil.com>'],
    ['behind a quoted name with ten addresses', `"${nine} alice@corp.com" <mallory@evil.com>`],
    ['behind a quoted name with brackets and marks', '"\\"(<alice@corp.com>, \\\\" <mallory@evil.com>'],
    ['before a comment', 'mallory@evil.com (alice@corp.com)'],
    ['before a comment in brackets', '<mallory@evil.com (alice@corp.com)> (<alice@corp.com>)'],
    ['behind comments within comments', '(a (b "c) \\) <alice@corp.com> x) "Mallory (" <mallory@evil.com>'],
  ])('[E26] is the address %s', (_where, from) => {
    expect(senderOfMail(from)).toBe('mallory@evil.com');
  });

  it.each<readonly [string, string]>([
    ['there are several', 'mallory@evil.com, alice@corp.com'],
    ['there are several in brackets', 'Mallory <mallory@evil.com>, Alice <alice@corp.com>'],
    ['one is in brackets and one is not', 'mallory@evil.com, <alice@corp.com>'],
    ['one follows the brackets', '<mallory@evil.com> alice@corp.com'],
    ['brackets follow brackets', '<mallory> <alice@corp.com>'],
    ['a bare name is another address', 'mallory@evil.com <alice@corp.com>'],
    ['words stand beside it', 'Alice alice@corp.com'],
    ['a comment parts it', 'mal(x)lory@evil.com'],
    ['its first part is quoted', '<"victim"@example.net>'],
    ['its first part is quoted, without brackets', '"victim".x@example.net'],
    ['it has a route', '<@evil.com:alice@corp.com>'],
    ['its domain is a number', 'mallory@[192.0.2.1]'],
    ['a quoted name never ends', '"Alice <alice@corp.com>'],
    ['a comment never ends', 'alice@corp.com (of Corp'],
    ['something is escaped outside of both', '\\" <alice@corp.com>'],
    ['there is none', 'Alice'],
    ['there is nothing', ''],
  ])('[E26] is nobody where %s', (_why, from) => {
    expect(senderOfMail(from)).toBeUndefined();
  });
});

describe('the own words of an answer', () => {
  it.each<readonly [string, readonly string[], string]>([
    ['are all of it', ['Model: gpt', '', 'Messages: 3'], 'Model: gpt\n\nMessages: 3'],
    ['end above a signature', ['Model: gpt', '-- ', 'Ann'], 'Model: gpt'],
    ['leave marked lines out', ['> Task: an old one', 'Model: gpt', ' > Messages: 9'], 'Model: gpt'],
    ['end where another wrote', ['Model: gpt', 'On Sun, 22 Nov 2026, News wrote:', 'Messages: …'], 'Model: gpt'],
    ['end there in German', ['Modell: x', 'Am 22.11.2026 um 12:00 schrieb News <n@a.example>:', 'x'], 'Modell: x'],
    ['end there on two lines', ['Model: x', 'On Sun, Nov 22, 2026 News <n@a.example>', 'wrote:', 'x'], 'Model: x'],
    [
      'stand below and between marked lines, too',
      ['On Sun, 22 Nov 2026, News wrote:', '', '> Model: …', 'Model: gpt', '> Messages: …', 'Messages: 3'],
      'Model: gpt\nMessages: 3',
    ],
    ['end above the original', ['Model: x', '-----Original Message-----', 'From: News'], 'Model: x'],
    ['end above a forwarded one', ['Model: x', '---------- Forwarded message ---------', 'x'], 'Model: x'],
    ['end above the original in German', ['Model: x', '-----Ursprüngliche Nachricht-----', 'x'], 'Model: x'],
    ['end above a rule', ['Model: x', '________________________________', 'x'], 'Model: x'],
    ['end above a head', ['Model: x', 'From: News <n@a.example>', 'Sent: Sunday', 'Task: …'], 'Model: x'],
    ['end above a head in German', ['Model: x', '*Von:* News', '*Gesendet:* Sonntag', 'Task: …'], 'Model: x'],
    ['hold what only looks like a head', ['Task: a form', 'From: and To: it'], 'Task: a form\nFrom: and To: it'],
    ['hold a question that looks like a beginning', ['Am I right?', 'On Sunday, Ann wrote:', 'x'], 'Am I right?'],
    ['may be none', ['> Task: x', ''], ''],
  ])('%s', (_how, lines, own) => {
    expect(ownWordsOf(lines.join('\r\n'))).toBe(own);
  });

  it('are found in a mail of nothing but beginnings', () => {
    const text = `${'On a day '.repeat(10_000)}\n`.concat('On a day\n'.repeat(5_000));
    expect(ownWordsOf(text)).toHaveLength(text.length - 1);
  });

  it('[E25] hold details in English and German, and none that were not filled in', () => {
    const lines = ['Aufgabe: Ein Laden', 'Modell: …', 'Vorschau: rot', 'Nachrichten: 3', 'Große Dateien: keine'];
    expect(detailsOfMail(lines.join('\n'))).toEqual({
      task: 'Ein Laden',
      build_state: 'rot',
      message_count: '3',
      large_files: 'keine',
    });
    expect(detailsOfMail('Model: …\nModel: gpt\nTask: ...')).toEqual({ model: 'gpt' });
  });
});

describe('what is still missing after an answer', () => {
  const before = { thread: 'bot_1/talk', task: 'A shop' };
  const rest = { model: 'unknown', build_state: 'red', message_count: '3', large_files: 'none' };
  const all = { ...before, ...rest };
  const after: Omit<AnsweredReport, 'said'> = { before, asked: [], hasThread: true };
  it.each<readonly [string, AnsweredReport, readonly ReviewDetail[]]>([
    ['what nobody has said', { ...after, said: { ...rest, task: ' ', model: ' ' } }, ['model']],
    ['nothing', { ...after, said: rest, asked: ['model'] }, []],
    ['a link that leads nowhere', { ...after, said: rest, hasThread: false }, ['thread']],
    ['what was asked for again', { ...after, before: all, said: {}, asked: ['task'] }, ['task']],
    ['no words of a thread that is known', { ...after, before: {}, said: { ...rest, task: 'x' } }, []],
  ])('[E25] is %s', (_what, report, missing) => {
    expect(stillMissing(report)).toEqual(missing);
  });
});
