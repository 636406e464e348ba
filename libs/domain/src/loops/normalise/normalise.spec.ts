// Goal: what is noise goes, what means something stays, and no text takes longer than its length.
import { describe, expect, it } from '@jest/globals';
import { fingerprintOf, hashesOf, isNotFound, normaliseCall, normaliseError } from '../observe-raw.js';
import { boundedText, LONGEST_TEXT } from './bounded-text.js';
import { smallDigest } from './digest.js';
import { normaliseErrorText } from './error-text.js';
import { withoutNoise } from './noise.js';

describe('noise', () => {
  it.each([
    ['2026-11-21T10:00:00.123Z', '<time>'],
    ['2026/11/21 10:00:00,123 INFO', '<time> INFO'],
    ['20261121T100000Z', '<time>'],
    ['Sat Nov 21 15:25:47 UTC 2026', '<time>'],
    ['Sat Nov 21 2026 15:25:47 GMT+0000 (Coordinated Universal Time)', '<time>'],
    ['11/21/2026, 3:25:47 PM or 21.11.2026, 15:25:47', '<time> or <time>'],
    ['Nov 21 15:25:47 host', '<time> host'],
    ['21/Nov/2026:10:00:00 +0000', '<time>'],
    ['on Nov 21, 2026', 'on <time>'],
    ['10:15 PM', '<time>'],
    ['1795274747 1795274747123 1795274747123456', '<time> <time> <time>'],
    ['build-1795274747123.js', 'build-<time>.js'],
    ['1h 2m 3.5s, 12 ms, 0.5 seconds, 3 hours, PT1M30S', '<duration>, <duration>, <duration>, <duration>, <duration>'],
    ['5F0C54A2-98A3-4A42-B3D7-2FA1C3B6A001', '<id>'],
    ['req_8f3kd92ls0x', 'req_<id>'],
    ['chunk-AB12CD34.js', 'chunk-<id>.js'],
    ['/tmp/x', '<tmp>'],
    ['/tmp/tmp8a7b.txt', '<tmp>/<id>.txt'],
    ['/var/tmp/x/a/b.ts', '<tmp>/a/b.ts'],
    ['"/private/var/folders/a1/b_c/T/x/y.ts"', '"<tmp>/y.ts"'],
    ['C:\\Users\\A B\\AppData\\Local\\Temp\\x\\y.ts', '<tmp>/y.ts'],
    ['0x7f8a1c00', '<address>'],
    ['Bar@1b6d3586', 'Bar@<address>'],
    ['10.0.0.1:80 [::1]:3000 ::1:5432 fe80::1 00:1a:2b:3c:4d:5e', '<address> <address> <address> <address> <address>'],
    ['pid 4711, port: 53122', 'pid <address>, port: <address>'],
    ['Attempt #3, retry 2/5, 2nd try', 'attempt <n>, retry <n>, try <n>'],
  ])('goes: %s', (text, plain) => {
    expect(withoutNoise(text, 'answered')).toBe(plain);
  });

  it.each([
    'page 2 of 10',
    '12:40 error in line 12',
    '10000000 and 1234567',
    '0x1f3a',
    'a/src/tmp/x',
    'items[12] and [7]',
    '#a1b2c3d4',
    'someone@example.org',
    '1.2.3 and v1.2.3.4',
    'std::string ratio 16:9',
    'utf8mb4 h264 sha256 base64 mp3',
    'getUserById2FromCache MAX_RETRY_COUNT_2 my-file-name-2',
    'defaced facade',
    'the last 7 days, 5 m wide',
    'entry 12 and country 3',
  ])('stays: %s', (text) => {
    expect(withoutNoise(text, 'answered')).toBe(text);
  });

  it('takes a calendar day out of answers, and leaves it where it was asked for', () => {
    expect(withoutNoise('since 2026-11-21', 'answered')).toBe('since <time>');
    expect(withoutNoise('since 2026-11-21', 'asked')).toBe('since 2026-11-21');
  });
});

describe('errors', () => {
  it.each([
    ["/app/src/a.ts:12:5 - error TS2322: 'x'", "<path>:<n>:<n> - error TS2322: 'x'"],
    ['src/App.tsx(3,10): error', '<path>(<n>,<n>): error'],
    ["Cannot find module './x/y' from ../z", "Cannot find module '<path>' from <path>"],
    ['at f (file:///srv/a.mjs:3:4)', 'at f (<path>:<n>:<n>)'],
    ['open /tmp/x/a.json', 'open <path>'],
    ['docker/Dockerfile:3: unknown instruction', '<path>:<n>: unknown instruction'],
    ['web/Dockerfile.dev:3 and app/.npmrc:1', '<path>:<n> and <path>:<n>'],
    ['bin/setup:3:10: or bin/setup(3,10)', '<path>:<n>:<n>: or <path>(<n>,<n>)'],
    ['bin/setup:3: not found', 'bin/setup:<n>: not found'],
    ["open 'C:\\a\\b.txt'", "open '<path>'"],
    ['in app/models/user', 'in <path>'],
    ['pkg.d/deep/main:3:10: and github.com/acme/api/main.go:12', '<path>:<n>:<n>: and <path>:<n>'],
    ['pull ghcr.io/acme/api:1.2.3 failed', 'pull ghcr.io/acme/api:<n> failed'],
    ['GET http://x.test/users/42?x=1: 503', 'GET http://x.test/users/<n>?x=<n>: <n>'],
    ['and/or foo.bar is not a function', 'and/or foo.bar is not a function'],
    ['expected -7 or 1,234.5 or 4e-3, got 0x1f3a', 'expected <n> or <n> or <n>, got <n>'],
    ['item_12 worker-3 12px a1', 'item_<n> worker-<n> <n>px a1'],
    ['[1,2,3]', '[<n>,<n>,<n>]'],
    ['the 1st of 3rd, not 4thly', 'the <n> of <n>, not <n>thly'],
    ['a.ts#L12-L15 at L3C4', '<path>#<n>-<n> at <n>'],
    ['ord_18d2 and cart_a1b2', 'ord_<id> and cart_<id>'],
    ['x_1e10 item_abcd', 'x_<n> item_abcd'],
    ['L003 and E501 in worker3', 'L003 and E501 in worker3'],
    ["missing '@acme/ui/button' in @/lib/deep/date", "missing '@acme/ui/button' in <path>"],
    [' one\n\ttwo ', 'one two'],
  ])('%s', (text, plain) => {
    expect(normaliseErrorText(text)).toBe(plain);
  });

  it.each([
    ['manifest for acme/api:1.2 not found', 'manifest for acme/web:3.4 not found'],
    ['pull ghcr.io/acme/api:v1.2: denied', 'pull ghcr.io/acme/web:v1.2: denied'],
    ['"eu.gcr.io/acme/tools/api:1.2": not found', '"eu.gcr.io/acme/tools/web:1.2": not found'],
    ['docker.io/library/node:20: not found', 'docker.io/library/redis:20: not found'],
    ['pull quay.io/acme/api@sha256:0a1b2c', 'pull quay.io/acme/web@sha256:0a1b2c'],
    ['localhost:5000/acme/api:1.2: refused', 'localhost:5000/acme/web:1.2: refused'],
    ['TestCart/empty:12: want 3', 'TestCart/full:12: want 3'],
    ['pod default/web-7:80 unreachable', 'pod default/api-7:80 unreachable'],
    ['a/Profile:1 is taken', 'b/Profile:1 is taken'],
  ])('%s is not %s', (one, other) => {
    expect(normaliseErrorText(one)).not.toBe(normaliseErrorText(other));
  });

  it.each(['not_found', 'NotFound', 'NotFoundError', 'FILE-NOT-FOUND', 'ENOENT', 'NoSuchKey'])(
    '%s was not there',
    (name) => {
      expect(isNotFound(name)).toBe(true);
    },
  );

  it.each(['found', 'timeout', 'TypeError', 'not_allowed'])('%s is something else', (name) => {
    expect(isNotFound(name)).toBe(false);
  });

  it('tells look-ups that found nothing apart by what was looked up, and nothing else', () => {
    const of = (errorClass: string, args: unknown): string =>
      fingerprintOf({ errorClass, text: 'no', args }, smallDigest);
    expect(of('not_found', { path: 'a' })).not.toBe(of('not_found', { path: 'b' }));
    expect(of('not_found', { path: 'a', at: '10:00:00' })).toBe(of('not_found', { at: '10:00:01', path: 'a' }));
    expect(of('denied', { path: 'a' })).toBe(of('denied', { path: 'b' }));
    expect(of('denied', {})).not.toBe(of('refused', {}));
  });

  it('keeps class and text apart', () => {
    expect(normaliseError({ errorClass: 'a', text: 'b c' })).not.toBe(normaliseError({ errorClass: 'a b', text: 'c' }));
  });
});

describe('calls', () => {
  it('hashes by the digest it is handed, and says nothing of what was not there', () => {
    const digest = (text: string): string => `<${text}>`;
    expect(hashesOf({ tool: 'x', args: { b: 1, a: 2 }, result: 'r' }, digest)).toEqual({
      argsHash: '<{"a":2,"b":1}>',
      resultHash: '<"r">',
    });
    expect(hashesOf({ tool: 'x', error: { errorClass: 'c', text: 't 1' } }, digest)).toEqual({
      argsHash: '<null>',
      errorFingerprint: '<c\nt <n>\n>',
    });
  });

  it('tells nothing from an empty text, and numbers from their digits', () => {
    expect(normaliseCall({ tool: 'x', result: null }).result).not.toBe(normaliseCall({ tool: 'x', result: '' }).result);
    expect(normaliseCall({ tool: 'x', args: { a: 1 } }).args).not.toBe(
      normaliseCall({ tool: 'x', args: { a: '1' } }).args,
    );
    expect(normaliseCall({ tool: 'x', args: { a: 1n, b: true, c: undefined } }).args).toBe('{"a":1,"b":true}');
  });

  it('reads JSON in a text, but neither in file contents nor deeper than anybody writes', () => {
    const args = (text: string): string => normaliseCall({ tool: 'x', args: { text } }).args;
    expect(args('{"b":1, "a":2}')).toBe(args('{"a":2,"b":1}'));
    const content = (text: string): string => normaliseCall({ tool: 'x', args: { content: text } }).args;
    expect(content('{"b":1, "a":2}')).not.toBe(content('{"a":2,"b":1}'));
    expect(args('['.repeat(100_000))).not.toBe(args('['.repeat(99_999)));
    expect(args('{ not json')).toContain('not json');
  });
});

describe('long texts', () => {
  it('keep both ends, and a middle that differs keeps them apart', () => {
    const text = (middle: string): string => 'a'.repeat(LONGEST_TEXT) + middle + 'b'.repeat(LONGEST_TEXT);
    expect(boundedText('x'.repeat(LONGEST_TEXT))).toBe('x'.repeat(LONGEST_TEXT));
    expect(boundedText(text('x')).length).toBeLessThan(LONGEST_TEXT + 60);
    expect(boundedText(text('x'))).toBe(boundedText(text('x')));
    expect(boundedText(text('x'))).not.toBe(boundedText(text('y')));
  });

  it.each([
    ...['request id ', 'elapsed: ', 'time=', '[1:1] '],
    ...['1', ' ', 'a', '-', '/', ':', '.', '_', '<', '\\', '[', '0x', '1:', '1.', 'a/', 'a.', 'A1', 'C:\\', '/tmp/'],
    ...['at ', 'attempt ', 'attempt 1 of ', 'Nov 1 ', '2026-11-21 ', '1h ', '1m ', 'localhost:', 'port ', 'pid:'],
    ...[
      'ab12-',
      '10.0.0.',
      'é',
      '\u0301',
      '\ud83d',
      '{"a":',
      '\u001b[',
      '@',
      'abcdef0',
      'src/a.ts',
      'e1',
      ',100',
      '::',
    ],
  ])('of %j over and over are read in the time their length allows', (piece) => {
    const text = piece.repeat(Math.ceil(LONGEST_TEXT / piece.length)).slice(0, LONGEST_TEXT);
    for (const each of [text, `${text.slice(1)}!`]) {
      normaliseErrorText(each);
      normaliseCall({ tool: 'run', args: { text: each, content: each } });
    }
  });

  it('of ten megabytes are cut before they are read', () => {
    const text = 'at 10:00 in /tmp/x1/a.ts '.repeat(400_000);
    expect(normaliseErrorText(text).length).toBeLessThan(LONGEST_TEXT + 100);
    expect(normaliseCall({ tool: 'run', result: text }).result?.length).toBeLessThan(LONGEST_TEXT + 100);
  });
});
