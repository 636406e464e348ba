// Tidy room. Goal: every ban bites what it names and leaves its replacement alone. Method: one line of each kind, with
// the banned word put together here so that this file does not break the rule it shows.
import { describe, expect, it } from '@jest/globals';
import { breaches, CODE_BANS, TEXT_BANS } from './bans.js';

const SOURCE = 'libs/ledger/src/lots/lot.ts';
const SPEC = 'libs/ledger/src/lots/lot.spec.ts';
const glue = (...parts: string[]): string => parts.join('');

describe('bans in code', () => {
  it.each([
    [SOURCE, 'console.log(1)'],
    [SOURCE, 'const a = process.env.HOME'],
    [SOURCE, 'parseFloat(text)'],
    [SOURCE, 'amount.toNumber()'],
    [SOURCE, 'const n = Number(row.openMicroCredits)'],
    [SOURCE, 'const n = parseInt(amount, 10)'],
    [SOURCE, 'const n = JSON.parse(row.amount)'],
    [SOURCE, glue('/* @ts', '-ignore */').replace('/* ', 'call(); /* ')],
    [SOURCE, 'const options = { synchronize: true }'],
    [SPEC, 'it.skip("later", () => {})'],
    [SPEC, 'describe.only("x", () => {})'],
    [SPEC, 'xit("later", () => {})'],
    [SPEC, 'jest.mock("./lot.js")'],
    [SPEC, 'jest.setTimeout(60_000)'],
  ])('in %s: %s', (path, line) => {
    expect(breaches(CODE_BANS, { path, source: line, commentsToo: false })).toHaveLength(1);
  });

  it.each([
    ['apps/cli/src/demo/tour.ts', 'console.log(1)'],
    ['apps/api/src/main.ts', 'readConfig(process.env)'],
    ['jest.config.js', 'process.env.CI'],
    [SOURCE, '// process.env is read in main.ts'],
    [SOURCE, 'logger.info({ jobId }, "held")'],
    [SOURCE, 'const amount = fromWire(row.amount)'],
    [SPEC, 'it("draws the daily lot first", () => {})'],
  ])('leaves alone in %s: %s', (path, line) => {
    expect(breaches(CODE_BANS, { path, source: line, commentsToo: false })).toEqual([]);
  });
});

describe('bans in text', () => {
  it.each([
    ['docs/a.md', glue('TO', 'DO: later')],
    ['docs/a.md', glue('// FIX', 'ME')],
    ['docs/a.md', glue('see /wo', 'rk/main/docs')],
    ['docs/a.md', glue('cd "/ho', 'me/me/fairmeter"')],
    ['.npmrc', glue('registry=https://registry.npm', 'js.org/')],
    ['package-lock.json', glue('"resolved": "htt', 'ps://example.test/a.tgz"')],
    ['docs/a.md', glue('as issue', ' #3 says')],
    ['docs/a.md', glue('see design', '.md')],
  ])('in %s: %s', (path, line) => {
    expect(breaches(TEXT_BANS, { path, source: line, commentsToo: true })).toHaveLength(1);
  });

  it.each([
    ['docs/a.md', 'GET /v1/workspaces answers with the work done'],
    ['docs/a.md', 'refunds issued in March'],
    ['package-lock.json', '"resolved": "libs/domain"'],
    ['Dockerfile', 'WORKDIR /srv/fairmeter'],
  ])('leaves alone in %s: %s', (path, line) => {
    expect(breaches(TEXT_BANS, { path, source: line, commentsToo: true })).toEqual([]);
  });
});
