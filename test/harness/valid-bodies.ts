// Test harness. A body that fits the form of an operation, made from the documents alone: whoever sends it is told of
// what is there, and not of what the body lacks.
import { OFFER } from './custom-planning.js';
import { MODEL_CALL } from './reporting-bot.js';

interface Schema {
  readonly $ref?: string;
  readonly type?: string | readonly string[];
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly anyOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
  readonly allOf?: readonly Schema[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly items?: Schema;
  readonly minItems?: number;
  readonly minimum?: number;
  readonly exclusiveMinimum?: number;
  readonly minLength?: number;
  readonly pattern?: string;
  readonly format?: string;
}

export interface Documents {
  readonly paths: Readonly<Record<string, Readonly<Record<string, DocumentedOperation>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, Schema>> };
}

interface DocumentedOperation {
  readonly operationId: string;
  readonly requestBody?: { readonly content: Readonly<Record<string, { readonly schema: Schema }>> };
}

/** Of what texts look like here; the first that fits a pattern is taken. */
const TEXTS = [
  ...['A reason', '1', '1.000000', 'eur', 'UTC', 'a@example.test', 'https://example.com/hook', '2030-01-01T00:00:00Z'],
  ...['index.html', 'bundle_100', 'job_1', 'bot_1', 'acc_1', 'vis_1', 'usr_1', 'inc_1'],
];
const FORMATS: Readonly<Record<string, string>> = {
  'date-time': '2030-01-01T00:00:00Z',
  email: 'a@example.test',
  uri: 'https://example.com/hook',
};

/** What the documents leave to words. */
const IN_WORDS: Readonly<Record<string, unknown>> = {
  beginStep: { iteration: 1, ...MODEL_CALL },
  offerCustomPlan: OFFER,
  changeWebhook: { event_types: ['credits.zero'] },
  redeliverWebhook: { event_id: 'evt_1' },
};

export class ValidBodies {
  constructor(private readonly documents: Documents) {}

  /** Undefined where the operation takes none. */
  of(operationId: string): unknown {
    if (operationId in IN_WORDS) return IN_WORDS[operationId];
    const operations = Object.values(this.documents.paths).flatMap((methods) => Object.values(methods));
    const schema = operations.find((one) => one.operationId === operationId)?.requestBody?.content['application/json'];
    return schema === undefined ? undefined : this.sample(schema.schema);
  }

  private sample(schema: Schema): unknown {
    if (schema.$ref !== undefined) return this.sample(this.named(schema.$ref));
    if ('const' in schema) return schema.const;
    if (schema.enum !== undefined) return schema.enum[0];
    const parts = schema.anyOf ?? schema.oneOf;
    if (parts?.[0] !== undefined) return this.sample(parts[0]);
    if (schema.allOf !== undefined) {
      return Object.assign({}, ...schema.allOf.map((part) => this.sample(part) as object)) as unknown;
    }
    return this.sampleOfType(schema);
  }

  private sampleOfType(schema: Schema): unknown {
    switch (typeof schema.type === 'string' ? schema.type : schema.type?.[0]) {
      case 'object':
        return this.object(schema);
      case 'array':
        return Array.from({ length: schema.minItems ?? 0 }, () => this.sample(schema.items ?? {}));
      case 'integer':
      case 'number':
        return schema.minimum ?? (schema.exclusiveMinimum ?? 0) + 1;
      case 'boolean':
        return true;
      case 'string':
        return textOf(schema);
      case undefined:
      default:
        return null;
    }
  }

  /** All that it must have; one thing of what it may have where it need have nothing. */
  private object({ properties = {}, required = [] }: Schema): unknown {
    const names = required.length > 0 ? required : Object.keys(properties).slice(0, 1);
    return Object.fromEntries(names.map((name) => [name, this.sample(properties[name] ?? {})]));
  }

  private named(ref: string): Schema {
    const found = this.documents.components.schemas[ref.split('/').at(-1) ?? ''];
    if (found === undefined) throw new Error(`the documents do not say what ${ref} is`);
    return found;
  }
}

function textOf({ format, pattern, minLength = 0 }: Schema): string {
  const fits = (text: string): boolean =>
    text.length >= minLength && (pattern === undefined || new RegExp(pattern, 'u').test(text));
  const known = format === undefined ? undefined : FORMATS[format];
  return known ?? TEXTS.find(fits) ?? 'x'.repeat(minLength);
}
