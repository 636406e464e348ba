// API room. The one place where an error becomes an answer, whoever threw it.
import type { ApiConfig, Logger } from '@fairmeter/platform';
import type { ArgumentsHost, ExceptionFilter } from '@nestjs/common';
import { Catch, Inject } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { isOfVisitor } from '../callers/visitor-tokens.js';
import { contextOf } from '../requests/request-context.js';
import { API_CONFIG, API_LOGGER } from '../tokens.js';
import { languageOf } from '../wording/accept-language.js';
import { foreignProblem } from './foreign-errors.js';
import { problemAnswer } from './problem-document.js';
import { ProblemError } from './problem-error.js';
import { RouteBook } from './route-book.js';

@Catch()
export class ProblemsFilter implements ExceptionFilter {
  constructor(
    @Inject(API_CONFIG) private readonly config: ApiConfig,
    @Inject(API_LOGGER) private readonly logger: Logger,
    private readonly routes: RouteBook,
  ) {}

  catch(error: unknown, host: ArgumentsHost): void {
    const http = host.switchToHttp();
    this.answer(error, http.getRequest<FastifyRequest>(), http.getResponse<FastifyReply>());
  }

  answer(error: unknown, request: FastifyRequest, reply: FastifyReply): void {
    const context = contextOf(request);
    const problem = this.problemOf(error, request);
    const { requestId, traceId } = context;
    if (problem.code === 'internal_error') {
      this.logger.error({ requestId, traceId, err: error }, 'a request broke');
    } else if (problem.cause !== undefined) {
      this.logger.warn({ requestId, traceId, code: problem.code, err: problem.cause }, 'a request could not be served');
    }
    if (reply.sent) return;
    const language = isOfVisitor(request) ? languageOf(request.headers['accept-language']) : undefined;
    const { status, headers, document } = problemAnswer(problem, { ...context, language }, this.config.publicUrl);
    // As text: the framework refuses objects under a content type it does not take for JSON.
    void reply.status(status).headers(headers).send(JSON.stringify(document));
  }

  private problemOf(error: unknown, request: FastifyRequest): ProblemError {
    const problem = foreignProblem(error);
    if (problem === undefined) {
      return new ProblemError('internal_error', 'The request could not be served. Its id helps us to find out why.');
    }
    return problem.code === 'not_found' ? (this.wrongMethod(request) ?? problem) : problem;
  }

  private wrongMethod(request: FastifyRequest): ProblemError | undefined {
    const allowed = this.routes.methodsOf(request.url);
    if (allowed.length === 0 || allowed.includes(request.method)) return undefined;
    return new ProblemError('method_not_allowed', `This path answers ${allowed.join(', ')}.`, {
      headers: { allow: allowed.join(', ') },
      members: { allowed },
    });
  }
}
