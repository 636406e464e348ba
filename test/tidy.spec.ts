// Tidy room. Goal: the house rules of docs/RULES.md that no linter can hold. Method: reads every file of the repository
// once; each failure names the file, the line and what to do instead.
import { describe, expect, it } from '@jest/globals';
import { PROBLEMS } from '@fairmeter/contracts';
import { breaches, CODE_BANS, isCode, isSpec, TEXT_BANS } from './tidy/bans.js';
import { files, json, text } from './tidy/repository.js';

const INVARIANTS = [
  ...['ledger.sum-zero', 'lot.never-negative', 'hold.captured-at-most-held', 'hold.ends-once'],
  ...['refund.at-most-charged', 'operation.applied-once', 'lot.draw-order-total', 'price.pinned'],
  ...['available.equals-entries', 'job.no-provider-call-without-hold', 'scope.time-never-back'],
];
const LINE_MAX = 120;

const specs = files.filter(isSpec);
const base = (path: string): string => path.slice(path.lastIndexOf('/') + 1);
const has = (path: string): boolean => files.includes(path);

/** The quoted titles of a spec file: first argument of it, test, describe and of what `each` returns. */
const titlesOf = (path: string): string[] =>
  [...text(path).matchAll(/(?:\b(?:it|test|describe)(?:\.\w+)*|\))\(\s*(['"`])((?:(?!\1)[^\\]|\\.)*)\1/g)].map(
    (match) => match[2] ?? '',
  );

describe('words', () => {
  it('keeps out of code what has a better replacement', () => {
    expect(
      files.flatMap((path) =>
        isCode(path) ? breaches(CODE_BANS, { path, source: text(path), commentsToo: false }) : [],
      ),
    ).toEqual([]);
  });

  it('keeps workplaces, machines and promises to oneself out of every file', () => {
    expect(files.flatMap((path) => breaches(TEXT_BANS, { path, source: text(path), commentsToo: true }))).toEqual([]);
  });

  it(`keeps lines of code within ${LINE_MAX} characters`, () => {
    const long = files.filter(isCode).flatMap((path) =>
      text(path)
        .split('\n')
        .flatMap((line, index) =>
          line.length > LINE_MAX && !/https?:\/\//.test(line) ? [`${path}:${index + 1}`] : [],
        ),
    );
    expect(long).toEqual([]);
  });

  it('opens every source file with a comment that says which room it is', () => {
    const opening: Readonly<Record<string, RegExp>> = {
      code: /^(?:#!.*\n)?\/[/*]/,
      sql: /^--/,
      shell: /^(?:#!.*\n)?#/,
    };
    const kindOf = (path: string): string | undefined => {
      if (isCode(path)) return 'code';
      if (path.endsWith('.sql')) return 'sql';
      return /\.(ya?ml|sh)$|(^|\/)(Dockerfile|\.ci\/run|\.dockerignore)$/.test(path) ? 'shell' : undefined;
    };
    const silent = files.filter((path) => {
      const kind = kindOf(path);
      return kind !== undefined && opening[kind]?.test(text(path)) === false;
    });
    expect(silent).toEqual([]);
  });
});

describe('names', () => {
  it('spells files in kebab-case', () => {
    const shouting = /^(?:[A-Z]+\.md|Dockerfile|LICENSE)$/;
    const kebab = /^\.?[a-z0-9]+(?:-[a-z0-9]+)*(?:\.[a-z0-9]+(?:-[a-z0-9]+)*)*$/;
    const odd = files.filter((path) => !shouting.test(base(path)) && !kebab.test(base(path)));
    expect(odd.filter((path) => !path.startsWith('docs/problems/'))).toEqual([]);
  });

  it('cuts folders by domain noun, never by technical kind', () => {
    const kinds = /(?:^|\/)(?:utils?|helpers?|common|shared|types|interfaces|misc|lib)\//;
    expect(files.filter((path) => kinds.test(path) && !path.startsWith('test/types/'))).toEqual([]);
  });

  it('numbers decisions once each', () => {
    const decisions = files
      .filter((path) => path.startsWith('docs/decisions/') && base(path) !== 'README.md')
      .map(base);
    expect(decisions.filter((name) => !/^\d{4}-[a-z0-9-]+\.md$/.test(name))).toEqual([]);
    const numbers = decisions.map((name) => name.slice(0, 4));
    expect(numbers.filter((number, index) => numbers.indexOf(number) !== index)).toEqual([]);
  });

  it('cites at most three requirements in a test title', () => {
    const id = /\[(?:[A-Z]\d+|edge \d+)[^\]]*\]/g;
    const crowded = specs.flatMap((path) => titlesOf(path).filter((title) => (title.match(id)?.length ?? 0) > 3));
    expect(crowded).toEqual([]);
  });
});

describe('pages', () => {
  const rooms = [...new Set(files.filter((path) => path.startsWith('libs/')).map((path) => path.split('/')[1] ?? ''))];

  it.each(rooms)('libs/%s has a README', (room) => {
    expect(files).toContain(`libs/${room}/README.md`);
  });

  it('has a page for every problem code, and no page without a code', () => {
    const codes = Object.keys(PROBLEMS).sort();
    const pages = files
      .filter((path) => /^docs\/problems\/[a-z_]+\.md$/.test(path))
      .map((path) => base(path).slice(0, -3));
    expect({ codes: pages.sort() }).toEqual({ codes });
  });

  it('gives every page of a problem its own code as the title', () => {
    const untitled = Object.keys(PROBLEMS).filter((code) => {
      const page = `docs/problems/${code}.md`;
      return has(page) && !(text(page).split('\n')[0] ?? '').includes(code);
    });
    expect(untitled).toEqual([]);
  });
});

describe('invariants', () => {
  const readme = has('libs/domain/README.md') ? text('libs/domain/README.md') : '';
  const declared = [...readme.matchAll(/^\|\s*`([a-z]+\.[a-z0-9-]+)`/gm)].map((match) => match[1] ?? '');
  const titles = specs.flatMap(titlesOf);

  it('are declared in the README of the domain, each once', () => {
    expect(INVARIANTS.filter((name) => !declared.includes(name))).toEqual([]);
    expect(declared.filter((name, index) => declared.indexOf(name) !== index)).toEqual([]);
  });

  it.each([...new Set([...INVARIANTS, ...declared])])('%s is cited by the title of a test', (name) => {
    expect(titles.filter((title) => title.includes(name))).not.toEqual([]);
  });
});

describe('workspaces', () => {
  const manifests = files.filter((path) => /^libs\/[^/]+\/package\.json$/.test(path));

  it.each(manifests)('%s opens the same door to sources, types and builds', (path) => {
    const { exports } = json(path) as { exports: Record<string, Record<string, string>> };
    for (const conditions of Object.values(exports)) {
      const built = (conditions['fairmeter-source'] ?? '').replace('./src/', './dist/').replace(/\.ts$/, '');
      // Order counts: the first condition that matches wins.
      expect(Object.entries(conditions)).toEqual([
        ['fairmeter-source', conditions['fairmeter-source']],
        ['types', `${built}.d.ts`],
        ['default', `${built}.js`],
      ]);
    }
  });
});
