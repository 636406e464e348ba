// Doctor: what was found, as data, and how it is told. Pure. Promises that only what stops the stack makes it sick.

export interface Finding {
  readonly subject: string;
  readonly detail: string;
  /** `missing`: the stack cannot work. `warning`: it works, but somebody should know. */
  readonly state: 'fine' | 'warning' | 'missing';
}

export function fine(subject: string, detail: string): Finding {
  return { subject, detail, state: 'fine' };
}

export function warning(subject: string, detail: string): Finding {
  return { subject, detail, state: 'warning' };
}

export function missing(subject: string, detail: string): Finding {
  return { subject, detail, state: 'missing' };
}

const marks = { fine: ' ok ', warning: 'warn', missing: 'FAIL' } as const;

export function renderFindings(findings: readonly Finding[]): readonly string[] {
  const width = Math.max(0, ...findings.map((one) => one.subject.length));
  const lines = findings.map((one) => `${marks[one.state]}  ${one.subject.padEnd(width)}  ${one.detail}`);
  const broken = findings.filter((one) => one.state === 'missing');
  const verdict =
    broken.length === 0
      ? 'The stack can work.'
      : `The stack cannot work: ${broken.map((one) => one.subject).join(', ')}.`;
  return [...lines, verdict];
}

export function exitCodeOf(findings: readonly Finding[]): 0 | 1 {
  return findings.some((one) => one.state === 'missing') ? 1 : 0;
}

/** A release is named by its year and a letter, such as 2026a. Rules change several times a year somewhere. */
export function timeZoneFinding(release: string | undefined, now: Date): Finding {
  const year = Number(/^(\d{4})/.exec(release ?? '')?.[1]);
  if (release === undefined || Number.isNaN(year)) {
    return warning('time zones', 'this Node does not say which time zone release it carries');
  }
  const text = `release ${release} of the time zone data, from this Node`;
  if (now.getUTCFullYear() - year > 1)
    return warning('time zones', `${text}: old, daily resets may miss a changed rule`);
  return fine('time zones', text);
}
