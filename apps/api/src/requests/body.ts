// API room. Reads input by its schema. A fault of a body is named by a JSON pointer (RFC 6901), one of a query by the
// name of its parameter.
import type { z } from 'zod';
import type { InputFault } from '../problems/problem-error.js';
import { validationFailed } from '../problems/problem-error.js';
import { FAULTS, wordsOfIssue } from '../wording/fault-words.js';

const MAX_FAULTS = 20;
/** What is missing is told from what is of another kind. */
const WITH_INPUT = { reportInput: true } as const;

export function readBody<Schema extends z.ZodType>(schema: Schema, body: unknown): z.output<Schema> {
  const parsed = schema.safeParse(body ?? null, WITH_INPUT);
  if (parsed.success) return parsed.data;
  throw validationFailed(parsed.error.issues.flatMap(faultsOf).slice(0, MAX_FAULTS));
}

/** Unknown parameters are refused as well: a misspelt filter must not be taken for none. */
export function readQuery<Schema extends z.ZodType>(schema: Schema, query: unknown): z.output<Schema> {
  const parsed = schema.safeParse(query, WITH_INPUT);
  if (parsed.success) return parsed.data;
  const faults = parsed.error.issues.flatMap((issue) =>
    faultsOf(issue).map(({ pointer: path = '', ...told }) => ({ parameter: path.split('/')[1] ?? '', ...told })),
  );
  throw validationFailed(faults.slice(0, MAX_FAULTS));
}

function faultsOf(issue: z.core.$ZodIssue): InputFault[] {
  const at = issue.path.map(String);
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => ({ pointer: pointer([...at, key]), message: FAULTS.unknown }));
  }
  return [{ pointer: pointer(at), message: issue.message, words: wordsOfIssue(issue) }];
}

function pointer(path: readonly string[]): string {
  return path.map((part) => `/${part.replaceAll('~', '~0').replaceAll('/', '~1').slice(0, 200)}`).join('');
}
