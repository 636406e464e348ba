// Goal: what is off is said to be left out and never asked for; an answer's cost is shared by its parts to the last
// unit.
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { renderToolCall } from '../protocol/render-tool-call.js';
import { describeExtras, packingOf } from './describe-extras.js';
import { ALL_EXTRAS, PARTS, type Extras } from './extras.js';
import { bytesByPart, partOfHeading, partOfPath, splitByPart } from './split-by-part.js';

const NONE: Extras = { explanation: false, tests: false, install_notes: false, file_tree: false, zip: false };

describe('extras', () => {
  it.each([
    ['explanation', 'explanation'],
    ['tests', 'tests'],
    ['install_notes', 'INSTALL.md'],
  ] as const)('%s on is asked for, off is left out', (extra, word) => {
    const on = describeExtras({ ...NONE, [extra]: true });
    expect(on.askFor.join()).toContain(word);
    expect(on.leaveOut.join()).not.toContain(word);
    const off = describeExtras({ ...ALL_EXTRAS, [extra]: false });
    expect(off.askFor.join()).not.toContain(word);
    expect(off.leaveOut.join()).toContain(word);
    expect(off.text).toMatch(/^Beside the code, make .+\.\nLeave out: .+$/);
  });

  it('that we make ourselves are never asked of a model, and only where they are on', () => {
    const { askFor, leaveOut } = describeExtras(ALL_EXTRAS);
    expect([askFor.length, leaveOut.length]).toEqual([3, 2]);
    expect(describeExtras(NONE)).toMatchObject({ askFor: [] });
    expect(packingOf(ALL_EXTRAS)).toEqual({ packs: true, fileTree: true });
    expect(packingOf({ ...ALL_EXTRAS, zip: false })).toEqual({ packs: false, fileTree: false });
    expect(packingOf({ ...ALL_EXTRAS, file_tree: false })).toEqual({ packs: true, fileTree: false });
  });
});

describe('parts', () => {
  it.each([
    ['src/index.ts', 'code'],
    ['index.html', 'code'],
    ['src/testing-ground.ts', 'code'],
    ['src/contest.js', 'code'],
    ['package.json', 'code'],
    ['src/a.test.ts', 'tests'],
    ['src/a_spec.rb', 'tests'],
    ['test/a.ts', 'tests'],
    ['pkg/__tests__/x.js', 'tests'],
    ['test_a.py', 'tests'],
    ['tests/INSTALL.md', 'tests'],
    ['INSTALL.md', 'install_notes'],
    ['docs/getting-started.md', 'install_notes'],
    ['README.md', 'explanation'],
    ['docs/design.png.txt', 'explanation'],
    ['FILES.md', 'file_structure'],
    ['docs/project-structure.md', 'file_structure'],
  ])('%s is of %s', (path, part) => {
    expect(partOfPath(path)).toBe(part);
  });

  it.each([
    ['How it works', 'explanation'],
    ['Installation', 'install_notes'],
    ['How to run it', 'install_notes'],
    ['File structure', 'file_structure'],
    ['Running the tests', 'tests'],
  ])('a heading %s begins %s', (heading, part) => {
    expect(partOfHeading(heading)).toBe(part);
  });

  const write = (path: string, content: string): string => renderToolCall({ tool: 'write', path, content });

  it('share an answer by their bytes', () => {
    const files = write('a.ts', 'x'.repeat(200)) + write('a.test.ts', 'y'.repeat(100));
    const answer = `Here it is.\n\n${files}\n## Install\nnpm i\n`;
    const bytes = bytesByPart(answer);
    expect(bytes.get('code')).toBe(Buffer.byteLength(write('a.ts', 'x'.repeat(200))) - 1);
    expect(bytes.get('tests')).toBe(Buffer.byteLength(write('a.test.ts', 'y'.repeat(100))) - 1);
    expect(bytes.get('install_notes')).toBe('## Install\nnpm i\n'.length);
    expect(bytes.get('explanation')).toBe('Here it is.\n'.length);
    expect(bytes.get('file_structure')).toBe(0);
  });

  it('share an answer without calls by the files it names, headings in them being code', () => {
    const [said, code] = ['Here it is.\n', '=== a.py\n# Running the tests\nx = 1\n'];
    const [tests, notes] = ['=== tests/test_a.py\nassert x\n', '=== INSTALL.md\n## Tests\nnone\n'];
    const bytes = bytesByPart(said + code + tests + notes);
    expect(Object.fromEntries(bytes)).toEqual({
      code: code.length,
      explanation: said.length,
      file_structure: 0,
      install_notes: notes.length,
      tests: tests.length,
    });
  });

  it('a tie goes to the earlier part, and an answer without a word to the code', () => {
    expect(splitByPart('', 7n)).toEqual({
      code: 7n,
      explanation: 0n,
      file_structure: 0n,
      install_notes: 0n,
      tests: 0n,
    });
    const tie = `${'e'.repeat(10)}\n# Tests`;
    const { explanation, tests } = splitByPart(`${tie}\n`, 1n);
    expect([explanation, tests]).toEqual([1n, 0n]);
  });

  it('add up to the whole, whatever the answer and the amount', () => {
    const piece = fc.oneof(
      fc.string(),
      fc.constantFrom(
        '## Tests\n',
        '## Install\n',
        write('a.ts', 'x'),
        write('t.test.ts', 'yy'),
        '@@tool write\n',
        '\n',
      ),
    );
    fc.assert(
      fc.property(fc.array(piece), fc.bigInt({ min: 0n, max: 2n ** 62n }), (pieces, whole) => {
        const shares = splitByPart(pieces.join(''), whole);
        expect(Object.keys(shares)).toEqual([...PARTS]);
        expect(Object.values(shares).reduce((sum, share) => sum + share, 0n)).toBe(whole);
        expect(Object.values(shares).every((share) => share >= 0n)).toBe(true);
      }),
    );
  });
});
