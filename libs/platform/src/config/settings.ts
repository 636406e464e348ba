// Platform room. What a setting is: the types an environment variable can have, and one error for all that is wrong.
import { z } from 'zod';

export type Environment = Readonly<Record<string, string | undefined>>;

/** All problems at once, each by the name of its variable and never with its value. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
  constructor(readonly problems: readonly string[]) {
    super(`the configuration does not fit:\n${problems.map((problem) => `  ${problem}`).join('\n')}`);
  }
}

const TRUE = ['1', 'true', 'yes', 'on'];
const FALSE = ['0', 'false', 'no', 'off'];

export const flag = z
  .string()
  .refine((text) => [...TRUE, ...FALSE].includes(text.toLowerCase()), 'must be true or false')
  .transform((text) => TRUE.includes(text.toLowerCase()));

export function wholeNumber(min: number, max: number): z.ZodType<number, string> {
  return z
    .string()
    .refine((text) => /^\d{1,15}$/.test(text) && Number(text) >= min && Number(text) <= max, {
      message: `must be a whole number from ${min} to ${max}`,
    })
    .transform(Number);
}

/** 0 lets the system choose a free port. */
export const port = wholeNumber(0, 65_535);

export const text = z.string().min(1, 'must not be empty');

export const hostAndPort = z
  .string()
  .refine((value) => /^(\[[0-9a-fA-F:]+\]|[^\s:/]+):\d{1,5}$/.test(value), 'must be host:port');

export const httpUrl = z.string().refine((value) => hasProtocol(value, ['http:', 'https:']), 'must be an http(s) URL');

export const postgresUrl = z
  .string()
  .refine((value) => hasProtocol(value, ['postgres:', 'postgresql:']), 'must be a postgres:// URL');

function hasProtocol(value: string, protocols: readonly string[]): boolean {
  return URL.canParse(value) && protocols.includes(new URL(value).protocol);
}

/** An empty variable counts as unset: compose files and CI systems pass those. */
export function parseSettings<Schema extends z.ZodObject>(schema: Schema, env: Environment): z.output<Schema> {
  const present: Record<string, string> = {};
  for (const name of Object.keys(schema.shape)) {
    const value = env[name];
    if (value !== undefined && value.trim() !== '') present[name] = value.trim();
  }
  const parsed = schema.safeParse(present);
  if (parsed.success) return parsed.data;
  throw new ConfigError(
    parsed.error.issues.map((issue) => {
      const name = String(issue.path[0] ?? 'configuration');
      return present[name] === undefined && name in schema.shape ? `${name} must be set` : `${name} ${issue.message}`;
    }),
  );
}
