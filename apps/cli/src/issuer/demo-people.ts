// Command line. Whom the local issuer signs in: one of each role there is, and a newcomer whom the API does not know.
export interface DemoPerson {
  readonly subject: string;
  readonly name: string;
  readonly email: string;
  /** What the person is to the platform, for the claim of the same name. */
  readonly roles: readonly string[];
}

const person = (subject: string, name: string, roles: readonly string[] = []): DemoPerson => ({
  subject,
  name,
  email: `${subject}@demo.localhost`,
  roles,
});

export const DEMO_PEOPLE: readonly DemoPerson[] = [
  person('owner', 'Demo owner'),
  person('member', 'Demo member'),
  person('newcomer', 'Demo newcomer'),
  person('support', 'Demo support', ['support']),
  person('admin', 'Demo admin', ['admin']),
];
