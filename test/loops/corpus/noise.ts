// Loops room. What makes no difference, and what does: each pair of calls is repeated by turns, or told apart.
import type { Trace } from '../trace.js';
import { fails, loop, tool } from '../trace.js';

interface Case {
  readonly title: string;
  readonly args?: readonly unknown[];
  readonly results?: readonly unknown[];
  /** In the place of results. */
  readonly errors?: readonly string[];
  readonly tool?: string;
}

/** Three tries that differ by noise alone. */
const SAME: readonly Case[] = [
  {
    title: 'instants',
    results: ['at 2026-11-21T10:00:00Z', 'at 2026-11-21T10:00:07.123+01:00', 'at 2026-11-22 00:00:01'],
  },
  {
    title: 'instants as people write them',
    results: ['Sat, 21 Nov 2026 15:25:47 GMT', 'Sun, 22 Nov 2026 00:00:00 GMT', 'Mon, 2 Nov 2026 09:01:02 GMT'],
  },
  {
    title: 'instants as scripts print them',
    results: [
      'Sat Nov 21 2026 15:25:47 GMT+0000 (Coordinated Universal Time)',
      'Sun Nov 22 2026 00:00:00 GMT+0100 (Central European Standard Time)',
      'Mon Nov 23 2026 09:01:02 GMT-0500 (Eastern Standard Time)',
    ],
  },
  {
    title: 'milliseconds since 1970',
    args: [{ q: 1 }, { q: 1 }, { q: 1 }],
    results: [{ at: 1795274747123 }, { at: 1795274750001 }, { at: 1795270000000 }],
  },
  {
    title: 'instants before which something was',
    args: ['2026-11-21T10:00:00Z', '20261121T100001Z', '1795274750001'].map((before) => ({ q: 'x', before })),
  },
  { title: 'times of day', results: ['10:00:00 ready', '10:00:12 ready', '23:59:59.999 ready'] },
  { title: 'durations', results: ['done in 12.3s', 'done in 480ms', 'done in 2 seconds'] },
  { title: 'long durations', results: ['took 2m 5s', 'took 1h 2m 3s', 'took 59m01s'] },
  {
    title: 'random ids',
    results: [
      'id 5f0c54a2-98a3-4a42-b3d7-2fa1c3b6a001',
      'id 0D9F54A2-11A3-4B42-93D7-AAA1C3B6AFFF',
      'id 123e4567-e89b-12d3-a456-426614174000',
    ],
  },
  {
    title: 'sortable ids',
    results: ['job_01m7yt4ztqcsestsvjafw1fpjk', 'job_01arz3ndektsv4rrffq69g5fav', 'job_01bx5zzkbkactav9wevgemmvrz'],
  },
  { title: 'short hashes', results: ['commit a1b2c3d', 'commit 9f8e7d6', 'commit 0a1b2c3d4e5f'] },
  {
    title: 'scattered ids',
    results: ['call V1StGXR8_Z5jdHi6B-myT', 'call Uakgb_J5m9g-0JDMbcJqL', 'call 3K2xZ9pQ_7vB1nM4wR8tY'],
  },
  { title: 'request ids by their key', args: ['one', 'two', 'three'].map((request_id) => ({ q: 1, request_id })) },
  {
    title: 'random ids as keys, in whatever order',
    results: [
      { 'a3bb189e-8bf9-3888-9912-ace4e6543002': { state: 'up' }, zone: 1 },
      { '1f0c7d52-6a3e-4b0e-9d53-0c2b8f1e77aa': { state: 'up' }, zone: 1 },
      { zone: 1, 'f47ac10b-58cc-4372-a567-0e02b2c3d479': { state: 'up' } },
    ],
  },
  {
    title: 'how long it took, under its usual names',
    results: [3, 14, 159].map((execution_time_ms) => ({ ok: true, execution_time_ms })),
  },
  { title: 'counted tries that are left', results: ['retries left: 3', 'retries left: 2', 'retries left: 1'] },
  { title: 'instants without separators', results: ['20261121152547', '20261121-152601', '20261122_030405'] },
  { title: 'times of a log', results: ['[15:25] ready', '[16:40] ready', '[03:02] ready'] },
  { title: 'how long it took, without a unit', results: ['Elapsed: 12', 'Elapsed: 15.3', 'Elapsed: 9'] },
  { title: 'how long ago it was', results: ['built 2 days ago', 'built 3 days ago', 'built 1 day ago'] },
  { title: 'ids that are called so', results: ['request id 839203', 'request id 8391', 'request id a-1'] },
  { title: 'short random ids', results: ['id a1b2c3', 'id 7f3a9b', 'id d4e5f6'] },
  { title: 'made-up names of temporary files', results: ['/tmp/tmp.Xy12Zq', '/tmp/tmp.Ab34Cd', '/tmp/tmp.k9Lm0P'] },
  { title: 'temporary folders', results: ['/tmp/abc123/src/a.ts', '/tmp/x9/src/a.ts', '/tmp/build-77/src/a.ts'] },
  {
    title: 'temporary folders of other systems',
    results: [
      '/var/folders/zz/abc_d/T/one/a.ts',
      '/private/var/folders/q1/x/T/two/a.ts',
      'C:\\Users\\me\\AppData\\Local\\Temp\\three\\a.ts',
    ],
  },
  {
    title: 'addresses in memory',
    results: ['<Object at 0x7f8a1c00>', '<Object at 0x7ffee3b0>', '<Object at 0x00007f001122aabb>'],
  },
  { title: 'addresses in a network', results: ['on 127.0.0.1:53122', 'on 127.0.0.1:60001', 'on 10.1.2.3:80'] },
  { title: 'chosen ports', results: ['http://localhost:53122/', 'http://localhost:60001/', 'http://localhost:1024/'] },
  { title: 'retry counters', results: ['attempt 1 of 5 failed', 'attempt 2 of 5 failed', 'attempt 5 of 5 failed'] },
  {
    title: 'retry counters by their key',
    args: [
      { q: 1, attempt: 1 },
      { q: 1, attempt: 2 },
      { q: 1, attempt: 3 },
    ],
  },
  { title: 'counted tries by other keys', args: [1, 2, 3].map((count) => ({ q: 1, try: count, attempt_no: count })) },
  {
    title: 'random ids that are numbers',
    args: [839_203, 71, 4_402].map((nonce) => ({ q: 1, nonce, requestId: nonce })),
  },
  {
    title: 'key order, also of nested objects',
    args: [
      { a: 1, b: { c: 2, d: 3 } },
      { b: { d: 3, c: 2 }, a: 1 },
      { a: 1, b: { d: 3, c: 2 } },
    ],
  },
  {
    title: 'key order in a text that is JSON',
    results: ['{"a":1,"b":[2]}', '{ "b": [2], "a": 1 }', '{\n  "a": 1,\n  "b": [\n 2 ] }'],
  },
  { title: 'Unicode forms', args: [{ q: 'caf\u00e9' }, { q: 'cafe\u0301' }, { q: 'caf\u00e9' }] },
  { title: 'white space', results: ['one  two', 'one two\n', '\tone\r\n two '] },
  { title: 'colours of a terminal', results: ['\u001b[31mred\u001b[0m', 'red', '\u001b[1;31mred\u001b[m'] },
  {
    title: 'times inside file contents',
    tool: 'write_file',
    args: ['2026-11-21T10:00:00Z', '2026-11-21T10:00:01Z', '2026-11-21T10:00:02Z'].map((at) => ({
      path: 'a.ts',
      content: `// made ${at}\nx`,
    })),
  },
];

/** Tries that look alike and are not. */
const DIFFERENT: readonly Case[] = [
  { title: 'page numbers', args: [{ page: 1 }, { page: 2 }, { page: 3 }] },
  {
    title: 'page numbers in a text',
    args: [{ url: 'https://x.test/?page=1' }, { url: 'https://x.test/?page=2' }, { url: 'https://x.test/?page=3' }],
  },
  {
    title: 'pages by the mark of where they begin',
    args: ['eyJpZCI6MTB9', 'eyJpZCI6MjB9', 'eyJpZCI6MzB9'].map((page_token) => ({ q: 'x', page_token })),
  },
  {
    title: 'pages by a mark that is a number',
    args: [1_732_200_000_123, 1_732_200_007_456, 1_732_200_011_789].map((cursor) => ({ q: 'x', cursor })),
  },
  {
    title: 'pages by a scattered mark of what they come after',
    args: ['V1StGXR8_Z5jdHi6B-myT', 'Uakgb_J5m9g-0JDMbcJqL', '3K2xZ9pQ_7vB1nM4wR8tY'].map((after) => ({ after })),
  },
  {
    title: 'images that are missing',
    errors: ['api:1.2', 'web:3.4', 'db:16.1'].map((image) => `manifest for acme/${image} not found`),
  },
  {
    title: 'images that a registry does not have',
    errors: ['api:1.2', 'web:1.2', 'db:1.2'].map((image) => `failed to pull ghcr.io/acme/${image}: not found`),
  },
  {
    title: 'subtests that fail',
    errors: ['empty', 'full', 'half'].map((name) => `TestCart/${name}:12: want 3`),
  },
  {
    title: 'services that are out of reach',
    errors: ['web-7', 'api-7', 'db-7'].map((name) => `pod default/${name}:80 unreachable`),
  },
  { title: 'runs that are looked into by their number', args: [{ run_id: 11 }, { run_id: 12 }, { run_id: 13 }] },
  { title: 'texts that are tried', args: [{ try: 'npm test' }, { try: 'make' }, { try: 'tsc' }] },
  {
    title: 'packages of a scope that are missing',
    errors: ['ui/button', 'core/date', 'ui/input'].map((name) => `Cannot find module '@acme/${name}'`),
  },
  { title: 'numbers in results', results: ['3 failing', '4 failing', '5 failing'] },
  { title: 'offsets of ten million', args: [{ offset: 10_000_000 }, { offset: 20_000_000 }, { offset: 30_000_000 }] },
  {
    title: 'calendar days that were asked for',
    args: [{ day: '2026-11-01' }, { day: '2026-11-02' }, { day: '2026-11-03' }],
  },
  {
    title: 'order of a list',
    args: [{ files: ['a', 'b', 'c'] }, { files: ['b', 'a', 'c'] }, { files: ['c', 'b', 'a'] }],
  },
  {
    title: 'white space of file contents',
    tool: 'write_file',
    args: ['x {\n y\n}', 'x {\n  y\n}', 'x {\n\ty\n}'].map((content) => ({ path: 'a', content })),
  },
  {
    title: 'white space of a patch',
    args: [
      { old_str: 'a b', new_str: 'a  b' },
      { old_str: 'a b', new_str: 'a   b' },
      { old_str: 'a b', new_str: 'a\tb' },
    ],
  },
  {
    title: 'white space of a file that was read',
    tool: 'read_file',
    results: ['if x:\n y', 'if x:\n  y', 'if x:\n\ty'],
  },
  {
    title: 'white space of a file that was read, whatever the spelling of the tool and the shape of its answer',
    tool: 'readFile',
    results: ['if x:\n y', 'if x:\n  y', 'if x:\n\ty'].map((text) => ({ path: 'a.py', text })),
  },
  {
    title: 'white space of what is written to a file under a plain name',
    tool: 'fs.writeFile',
    args: ['if x:\n y', 'if x:\n  y', 'if x:\n\ty'].map((text) => ({ path: 'a.py', text })),
  },
  { title: 'colours', args: [{ fill: 'ff00aa' }, { fill: '00ffaa' }, { fill: 'c0ffee' }] },
  { title: 'days without separators', args: [{ on: '20261119' }, { on: '20261120' }, { on: '20261121' }] },
  { title: 'a time limit that was asked for', args: [{ timeout_ms: 100 }, { timeout_ms: 200 }, { timeout_ms: 300 }] },
  { title: 'dates of other kinds', args: [{ on: '11/19/2026' }, { on: '11/20/2026' }, { on: '11/21/2026' }] },
  { title: 'places in a file', results: ['a.ts:10:5', 'a.ts:12:5', 'a.ts:12:7'] },
  {
    title: 'days that figures are given for',
    results: ['2026-11-19', '2026-11-20', '2026-11-21'].map((day) => ({ [day]: 7 })),
  },
  { title: 'paths', args: [{ path: 'src/a.ts' }, { path: 'src/b.ts' }, { path: 'lib/a.ts' }] },
  {
    title: 'files inside a temporary folder',
    args: [{ path: '/tmp/x1/a.ts' }, { path: '/tmp/x1/b.ts' }, { path: '/tmp/x1/c.ts' }],
  },
  {
    title: 'files right in the temporary folder',
    args: [{ path: '/tmp/a.ts' }, { path: '/tmp/b.ts' }, { path: '/tmp/page2.txt' }],
  },
  { title: 'names with numbers', args: [{ name: 'chapter1' }, { name: 'chapter2' }, { name: 'chapter3' }] },
  {
    title: 'long names in code',
    args: [{ name: 'getUserById2FromCache' }, { name: 'getUserById3FromCache' }, { name: 'MAX_RETRY_COUNT_2' }],
  },
  { title: 'upper and lower case', args: [{ q: 'a' }, { q: 'A' }, { q: 'B' }] },
  { title: 'elements of an array', args: [{ at: 'items[12]' }, { at: 'items[13]' }, { at: 'items[14]' }] },
  { title: 'versions', args: [{ version: '1.2.3' }, { version: '1.2.4' }, { version: '1.3.0' }] },
  { title: 'words that only have hexadecimal letters', args: [{ q: 'defaced' }, { q: 'effaced' }, { q: 'acceded' }] },
];

const linesOf = ({ tool: name = 'run', args, results, errors }: Case): Trace['lines'] =>
  errors?.map((text) => fails(name, {}, text)) ??
  [0, 1, 2].map((turn) => tool(name, args?.[turn] ?? {}, results?.[turn] ?? 'ok'));

export const NOISE: readonly Trace[] = [
  ...SAME.map((each): Trace => ({
    title: `${each.title} make no difference`,
    nature: 'adversarial',
    lines: linesOf(each),
    expected: loop('equal_calls', 3, 'unclear'),
  })),
  ...DIFFERENT.map((each): Trace => ({
    title: `${each.title} make one`,
    nature: 'honest',
    lines: linesOf(each),
    expected: 'none',
  })),
];
