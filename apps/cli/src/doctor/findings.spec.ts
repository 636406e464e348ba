// What the doctor says of its findings.
import { describe, expect, it } from '@jest/globals';
import { exitCodeOf, fine, missing, renderFindings, timeZoneFinding, warning } from './findings.js';
import { roleFinding } from './servers.js';

describe('findings', () => {
  it('make a stack sick only when something is missing', () => {
    expect(exitCodeOf([fine('a', 'x'), warning('b', 'y')])).toBe(0);
    expect(exitCodeOf([fine('a', 'x'), missing('b', 'y')])).toBe(1);
  });

  it('are told one per line, with a verdict that names what is missing', () => {
    expect(renderFindings([fine('Node', '20'), missing('Postgres', 'none')])).toEqual([
      ' ok   Node      20',
      'FAIL  Postgres  none',
      'The stack cannot work: Postgres.',
    ]);
  });

  it('warn of an old time zone release', () => {
    const now = new Date('2026-06-01T00:00:00Z');
    expect(timeZoneFinding('2026a', now).state).toBe('fine');
    expect(timeZoneFinding('2024b', now).state).toBe('warning');
    expect(timeZoneFinding(undefined, now).state).toBe('warning');
  });

  it('refuse a database role that walks through walls', () => {
    const role = { role: 'fm_reader', exists: true, superuser: false, bypassesRowSecurity: false };
    expect(roleFinding(role).state).toBe('fine');
    expect(roleFinding({ ...role, superuser: true }).state).toBe('missing');
    expect(roleFinding({ ...role, bypassesRowSecurity: true }).state).toBe('missing');
    expect(roleFinding({ ...role, exists: false }).state).toBe('warning');
  });
});
