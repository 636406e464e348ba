// Command line. The page of the local issuer: who there is, one button each.
import type { DemoPerson } from './demo-people.js';

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

export const escapeHtml = (text: string): string => text.replace(/[&<>"]/g, (one) => ENTITIES[one] ?? one);

export function signInPage(people: readonly DemoPerson[], asked: URLSearchParams): string {
  const fields = [...asked]
    .filter(([name]) => name !== 'person')
    .map(([name, value]) => `<input type="hidden" name="${escapeHtml(name)}" value="${escapeHtml(value)}">`)
    .join('\n');
  const buttons = people
    .map(
      ({ subject, name, email }) =>
        `<p><button name="person" value="${escapeHtml(subject)}">${escapeHtml(name)}</button> ${escapeHtml(email)}</p>`,
    )
    .join('\n');
  return `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><title>Sign in to the local Fairmeter</title></head>
<body>
<h1>Who are you?</h1>
<p>This page belongs to the local stack. It asks for no password and answers this machine alone.</p>
<form method="post" action="/authorize">
${fields}
${buttons}
</form>
</body>
</html>
`;
}
