// API room. What a visitor is told of a problem, in the visitor's language. Nobody else is spoken to from here.
import type { ProblemCode } from '@fairmeter/contracts';
import type { Language } from './catalogue.js';
import { PROBLEMS_IN_ENGLISH } from './problems-in-english.js';
import { PROBLEMS_IN_GERMAN } from './problems-in-german.js';
import type { ProblemCatalogue, VisitorProblem } from './visitor-problems.js';
import { TOLD_APART } from './visitor-problems.js';

export const PROBLEM_CATALOGUES: Readonly<Record<Language, ProblemCatalogue>> = {
  en: PROBLEMS_IN_ENGLISH,
  de: PROBLEMS_IN_GERMAN,
};

export interface SaidProblem {
  readonly title: string;
  readonly detail: string;
}

/** Undefined for what no visitor should be answered. `members`: of the answer, which tell cases of a code apart. */
export function sayProblem(
  language: Language,
  code: ProblemCode,
  members: Readonly<Record<string, unknown>>,
): SaidProblem | undefined {
  if (!isForVisitors(code)) return undefined;
  const { title, detail } = PROBLEM_CATALOGUES[language][code];
  if (typeof detail === 'string') return { title, detail };
  const which = members[TOLD_APART[code] ?? ''];
  const said = typeof which === 'string' && Object.hasOwn(detail, which) ? detail[which] : undefined;
  return { title, detail: said ?? detail.else };
}

function isForVisitors(code: ProblemCode): code is VisitorProblem {
  return Object.hasOwn(PROBLEMS_IN_GERMAN, code);
}
