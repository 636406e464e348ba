// Test harness. What a mail that asks for details says for whoever answers it: a line to fill in for each of them.

export const toFillIn = (...labels: readonly string[]): readonly string[] => [
  'To add it, answer this mail, keep its subject, and fill in what you know:',
  ...labels.map((label) => `${label}: …`),
  '',
];
