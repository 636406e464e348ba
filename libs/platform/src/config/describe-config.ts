// Platform room. A configuration as it may be printed: every value but the secrets.
const MASK = '***';
type Value = string | number | boolean | null;

const SECRET_NAME = /(apikey|password|secret|token)$/i;

/** Flat `name.part: value` pairs; secrets and the passwords inside URLs are masked. */
export function describeConfig(config: object): Readonly<Record<string, Value>> {
  const lines: Record<string, Value> = {};
  describeInto(lines, '', config);
  return lines;
}

function describeInto(lines: Record<string, Value>, prefix: string, part: object): void {
  for (const [key, value] of Object.entries(part) as [string, Value | object | undefined][]) {
    const name = prefix === '' ? key : `${prefix}.${key}`;
    if (value === undefined || value === null) lines[name] = null;
    else if (typeof value === 'object') describeInto(lines, name, value);
    else if (SECRET_NAME.test(key)) lines[name] = MASK;
    else if (typeof value === 'number' || typeof value === 'boolean') lines[name] = value;
    else lines[name] = maskUrl(value);
  }
}

function maskUrl(value: string): string {
  if (!value.includes('://') || !URL.canParse(value)) return value;
  const url = new URL(value);
  if (url.password !== '') url.password = MASK;
  // Any query may carry a token: none of ours needs one to be understood.
  if (url.search !== '') url.search = '';
  return url.password === '' && !value.includes('?') ? value : url.toString();
}

export function freezeDeep<T extends object>(value: T): Readonly<T> {
  for (const part of Object.values(value) as unknown[]) {
    if (typeof part === 'object' && part !== null) freezeDeep(part);
  }
  return Object.freeze(value);
}
