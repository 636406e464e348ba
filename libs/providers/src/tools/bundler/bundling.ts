// Providers room, tools. How a workspace is bundled: one way for check and preview, so that what is green in the one
// is green in the other.
import type { BuildOptions } from 'esbuild';
import { memoryFiles, type MadeUp, type Sources } from './memory-files.js';

export function bundling(sources: Sources, entryPoints: NonNullable<BuildOptions['entryPoints']>): BuildOptions {
  return {
    entryPoints,
    plugins: [memoryFiles(sources)],
    bundle: true,
    outdir: OUT,
    format: 'esm',
    target: 'esnext',
    platform: 'neutral',
    jsx: 'automatic',
    charset: 'utf8',
    legalComments: 'none',
    logLevel: 'silent',
    sourcemap: false,
    // Given as text, so that none is looked for on a disk.
    tsconfigRaw: { compilerOptions: { experimentalDecorators: true } },
  };
}

/** Nothing is written there: outputs are named after it. */
export const OUT = '/out';

export function listOf(names: readonly string[]): MadeUp {
  return madeOf(names.map((name) => `import ${JSON.stringify(name)};\n`));
}

/** The same, with nothing of them left away as unused. */
export function wholeListOf(names: readonly string[]): MadeUp {
  const scripts = names.filter((name) => !name.endsWith('.css'));
  const kept = scripts.map((name, index) => `export * as f${index} from ${JSON.stringify(name)};\n`);
  return madeOf([...kept, listOf(names.filter((name) => name.endsWith('.css'))).contents]);
}

function madeOf(lines: readonly string[]): MadeUp {
  return { contents: lines.join(''), loader: 'js', folder: '' };
}
