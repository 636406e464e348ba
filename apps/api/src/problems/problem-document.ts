// API room. One shape for every error: RFC 9457, with our code, the request's ids and typed details beside it.
import type { Problem, ProblemCode } from '@fairmeter/contracts';
import { PROBLEMS } from '@fairmeter/contracts';
import type { RequestContext } from '../requests/request-context.js';
import type { Language } from '../wording/catalogue.js';
import { sayFault, wordsOfFault } from '../wording/fault-words.js';
import { sayProblem } from '../wording/problem-words.js';
import type { InputFault, ProblemError, ProblemMembers } from './problem-error.js';

export const PROBLEM_TYPE = 'application/problem+json; charset=utf-8';

export interface ProblemDocument extends ProblemMembers {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  readonly instance: string;
  readonly code: ProblemCode;
  readonly request_id: string;
  readonly trace_id: string;
}

export interface ProblemAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly document: ProblemDocument;
}

type AboutRequest = Pick<RequestContext, 'requestId' | 'traceId'> & {
  /** Of a visitor: in which language the problem is told. Everybody else reads it as it was thrown. */
  readonly language?: Language | undefined;
};

function toldFaults(language: Language, faults: readonly InputFault[]): readonly InputFault[] {
  return faults.map(({ words, message, ...place }) => ({
    ...place,
    message: sayFault(language, words ?? wordsOfFault(message)),
  }));
}

export function problemAnswer(error: ProblemError, about: AboutRequest, publicUrl: string | undefined): ProblemAnswer {
  const problem: Problem = PROBLEMS[error.code];
  const waiting = problem.retryAfterSeconds;
  const { language = null } = about;
  const said = language === null ? undefined : sayProblem(language, error.code, error.members);
  return {
    status: problem.status,
    headers: {
      'content-type': PROBLEM_TYPE,
      'x-request-id': about.requestId,
      ...(waiting === undefined ? {} : { 'retry-after': String(waiting) }),
      ...(problem.status === 401 ? { 'www-authenticate': 'Bearer realm="fairmeter"' } : {}),
      ...error.headers,
      ...(said === undefined || language === null ? {} : { 'content-language': language }),
    },
    document: {
      ...error.members,
      ...(language === null || error.faults.length === 0 ? {} : { errors: toldFaults(language, error.faults) }),
      type: `${publicUrl ?? ''}/problems/${error.code}`,
      title: said?.title ?? problem.title,
      status: problem.status,
      detail: said?.detail ?? error.detail,
      instance: `urn:fairmeter:request:${about.requestId}`,
      code: error.code,
      request_id: about.requestId,
      trace_id: about.traceId,
    },
  };
}
