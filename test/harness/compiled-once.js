// Test harness. How Jest loads the modules of a suite. Every suite evaluates each of them anew, in a realm of its own,
// and shares nothing that a module made. What follows from the files alone is found out once in each process and kept
// for the suites after it: what CommonJS compiles to, where a name leads, what is written in installed packages
// (decision 0068). It stands in front of parts that Jest calls its own: where one is missing, loading fails at once.
import { dirname } from 'node:path';
import vm from 'node:vm';
import JestRuntime from 'jest-runtime';

export default class CompiledOnce extends JestRuntime {
  constructor(...given) {
    super(...given);
    const [, , resolver] = given;
    mustHave(this.executor, 'compile', 'injectedModuleParameters');
    mustHave(this.fileCache, 'readFile');
    mustHave(resolver, 'resolveModule', 'resolveModuleAsync');
    compileOnce(this.executor);
    resolveOnce(resolver);
    readOnce(this.fileCache);
  }
}

/** A part that is called otherwise by now would only leave ours uncalled. */
function mustHave(owner, ...names) {
  const missing = names.find((name) => owner?.[name] === undefined);
  if (missing !== undefined) throw new Error(`Jest has no ${missing} any more (decision 0068)`);
}

/** By file. A script belongs to no realm until it runs in one; functions that one suite called are compiled for all. */
const scripts = new Map();
/** What is imported while code runs must reach the suite that runs it, and Jest tells which by its own compiling. */
const IMPORTS_LATER = /\bimport\s*\(/;

function compileOnce(executor) {
  const byJest = executor.compile;
  const head = `(function (${executor.injectedModuleParameters.join(', ')}) {`;
  executor.compile = function compile(source, file) {
    const realm = this.environment.getVmContext();
    let kept = scripts.get(file);
    if (kept?.source !== source || kept.head !== head) {
      kept = { source, head, script: scriptOf(head, source, file) };
      scripts.set(file, kept);
    }
    if (realm === null || kept.script === undefined) return byJest.call(this, source, file);
    return kept.script.runInContext(realm);
  };
}

/** None where the file is no CommonJS after all: Jest tells so in its own words. */
function scriptOf(head, source, file) {
  if (IMPORTS_LATER.test(source)) return undefined;
  try {
    // Places keep their lines and columns.
    return new vm.Script(`${head}\n${source}\n})`, { filename: file, lineOffset: -1 });
  } catch {
    return undefined;
  }
}

/** Jest makes one resolver for each process and project. */
const remembering = new WeakSet();

function resolveOnce(resolver) {
  if (remembering.has(resolver)) return;
  remembering.add(resolver);
  const answers = new Map();
  const questionOf = (from, name, options) => [dirname(from), name, ...(options?.conditions ?? [])].join('\0');
  const { resolveModule, resolveModuleAsync } = resolver;
  resolver.resolveModule = function (from, name, options) {
    const question = questionOf(from, name, options);
    // A name that leads nowhere throws, and is looked for again.
    if (!answers.has(question)) answers.set(question, resolveModule.call(this, from, name, options));
    return answers.get(question);
  };
  resolver.resolveModuleAsync = async function (from, name, options) {
    const question = questionOf(from, name, options);
    if (!answers.has(question)) answers.set(question, await resolveModuleAsync.call(this, from, name, options));
    return answers.get(question);
  };
}

/** Installed packages; ours may change while Jest watches. */
const texts = new Map();

function readOnce(files) {
  const byJest = files.readFile;
  files.readFile = function readFile(file) {
    if (!file.includes('/node_modules/')) return byJest.call(this, file);
    if (!texts.has(file)) texts.set(file, byJest.call(this, file));
    return texts.get(file);
  };
}
