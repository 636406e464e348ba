// API room. What a route says of itself in the OpenAPI document, in the words of this API.
import type { ProblemCode } from '@fairmeter/contracts';
import { PROBLEMS } from '@fairmeter/contracts';
import { applyDecorators } from '@nestjs/common';
import { ApiBearerAuth, ApiBody, ApiQuery, ApiResponse } from '@nestjs/swagger';
import { z } from 'zod';
import type { SchemaName } from './schemas.js';

type Decorator = MethodDecorator & ClassDecorator;

/** By name and not by import: the schemas of a body live beside its converter, which would make a circle. */
const refTo = (name: SchemaName): { $ref: string } => ({ $ref: `#/components/schemas/${name}` });

export function Takes(name: SchemaName): Decorator {
  return applyDecorators(ApiBody({ required: true, schema: refTo(name) }));
}

export function Answers(status: number, name: SchemaName, description: string): Decorator {
  return applyDecorators(
    ApiResponse({ status, description, content: { 'application/json': { schema: refTo(name) } } }),
  );
}

export function AnswersEvents(): Decorator {
  return applyDecorators(
    ApiResponse({
      status: 200,
      description: 'Events with `id`, `event` and JSON `data`, until `job.ended`.',
      content: { 'text/event-stream': { schema: { type: 'string' } } },
    }),
    ApiResponse({ status: 204, description: 'The job has ended and nothing came after the event named.' }),
  );
}

export function AnswersZip(): Decorator {
  const text = { schema: { type: 'string' } } as const;
  return applyDecorators(
    ApiResponse({
      status: 200,
      description: 'The bytes of the ZIP.',
      headers: { ETag: { ...text, description: 'The sha256 of the bytes.' } },
      content: { 'application/zip': { schema: { type: 'string', format: 'binary' } } },
    }),
    ApiResponse({ status: 304, description: 'The caller has these bytes already.' }),
  );
}

/** In pages, and as one file besides. */
export function AnswersPagesOrCsv(name: SchemaName, description: string): Decorator {
  const content = { 'application/json': { schema: refTo(name) }, 'text/csv': { schema: { type: 'string' } } } as const;
  return applyDecorators(ApiResponse({ status: 200, description, content }));
}

export function AnswersFile(): Decorator {
  const text = { schema: { type: 'string' } } as const;
  return applyDecorators(
    ApiResponse({
      status: 200,
      description: 'The bytes of the file, always as plain text to be saved.',
      headers: { ETag: { ...text, description: 'The sha256 of the bytes.' } },
      content: { 'text/plain': { schema: { type: 'string' } } },
    }),
    ApiResponse({ status: 304, description: 'The caller has these bytes already.' }),
  );
}

export function AnswersFigures(name: SchemaName): Decorator {
  return applyDecorators(
    ApiResponse({
      status: 200,
      description: `Events with \`id\`, \`event\` and JSON \`data\`, the schema ${name}, until the reader goes.`,
      content: { 'text/event-stream': { schema: { type: 'string' } } },
    }),
  );
}

/** Every parameter of the schema; none is required. */
export function TakesQuery(query: z.ZodObject): Decorator {
  const { properties = {} } = z.toJSONSchema(query, { io: 'input' });
  return applyDecorators(
    ...Object.entries(properties).map(([name, property]) => {
      const { description = '', ...schema } = property as { description?: string; type?: string };
      return ApiQuery({ name, required: false, description, schema: schema as Record<string, unknown> });
    }),
  );
}

const KEY_PROBLEMS = [
  'unauthenticated',
  'key_invalid',
  'key_misplaced',
  'key_revoked',
  'key_expired',
  'forbidden',
  'role_changed',
] as const;

export function NeedsKey(): Decorator {
  return applyDecorators(ApiBearerAuth('api_key'), ...byStatus(KEY_PROBLEMS));
}

const VISITOR_PROBLEMS = [
  'unauthenticated',
  'visitor_token_invalid',
  'visitor_token_expired',
  'visitor_deleted',
  'forbidden',
] as const;

export function NeedsVisitor(): Decorator {
  return applyDecorators(ApiBearerAuth('visitor_token'), ...byStatus(VISITOR_PROBLEMS));
}

export function Problems(...codes: readonly ProblemCode[]): Decorator {
  return applyDecorators(...byStatus(codes));
}

/** OpenAPI has one answer per status: the codes that share one are listed in it. */
function byStatus(codes: readonly ProblemCode[]): Decorator[] {
  const statuses = [...new Set(codes.map((code) => PROBLEMS[code].status))].sort((a, b) => a - b);
  return statuses.map((status) =>
    applyDecorators(
      ApiResponse({
        status,
        description: codes
          .filter((code) => PROBLEMS[code].status === status)
          .map((code) => `\`${code}\`: ${PROBLEMS[code].title}.`)
          .join(' '),
        content: { 'application/problem+json': { schema: refTo('Problem') } },
      }),
    ),
  );
}
