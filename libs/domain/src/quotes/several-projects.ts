// Domain room. Does a prompt ask for several big projects at once (A13)? A hint to split it, never a refusal, so it
// rather stays silent than cries wolf. It counts whole products that are asked for, not their parts:
//
// 1. A number of products in so many words: "two separate apps", "drei Projekte".
// 2. Two or more headings such as "Project 1:" and "App B:".
// 3. Two or more different products, each named with "a", "an", "another" or "ein" after a verb of making that begins a
//    sentence or a point of a list. "A shop with a blog" is one: whatever follows "with", "that", "for" and their like
//    belongs to the product before it. So does what is called "the" or "its", and so do parts such as an API, a backend
//    or a page.
//
// Code in fences, quoted words and quoted lines are somebody's material and not the request.

export function asksForSeveralProjects(prompt: string): boolean {
  const text = withoutMaterial(prompt);
  return COUNTED_PRODUCTS.test(text) || headingsIn(text).size >= 2 || productsIn(text).size >= 2;
}

const PRODUCT = `(?:${[
  'apps?|applications?|websites?|web ?sites?|web ?shops?|shops?|stores?|games?|bots?|chatbots?|platforms?|systems?',
  'marketplaces?|extensions?|plugins?|portals?|crms?|erps?|blogs?|librar(?:y|ies)',
  '\\p{L}*(?:anwendung(?:en)?|webseiten?|spiele?|plattform(?:en)?)|systeme',
].join('|')})`;

const NUMBER = '(?:two|three|four|five|several|multiple|zwei|drei|vier|fünf|mehrere|[2-9])';
const APART =
  '(?:(?:big|large|small|separate|different|independent|complete|eigene|getrennte|verschiedene|große)\\s+)*';
const PROJECTS = '(?:projects|projekte|apps|applications|websites|games|bots|platforms|systems|anwendungen|spiele)';
/** "Two apps can share it" says that there are two; only being asked for counts. */
const COUNTED_PRODUCTS = new RegExp(
  `\\b(?:build|create|make|write|develop|implement|need|want|baue|erstelle|schreibe|entwickle|brauche)\\s+(?:me\\s+)?` +
    `${NUMBER}\\s+${APART}${PROJECTS}\\b`,
  'iu',
);

const HEADING = /^\s*(?:#+|\*\*)?\s*(?:project|projekt|app|website|product)\s+(\d+|[a-z])\s*(?:\*\*)?\s*[:.)–-]/gimu;

function headingsIn(text: string): ReadonlySet<string> {
  return new Set([...text.matchAll(HEADING)].map((match) => (match[1] ?? '').toLowerCase()));
}

const MAKING = '(?:build|create|make|write|develop|implement|design|code|program|baue|erstelle|schreibe|entwickle)';
const COURTESY = '(?:(?:please|bitte|also|then|next|finally|first|second|third|dann|auch|now|and|und)[,\\s]+)*';
const WANTING = '(?:(?:i\\s+(?:want|need|would\\s+like)|can\\s+you|could\\s+you)\\s+(?:you\\s+)?(?:to\\s+)?)?';
const REQUEST = new RegExp(
  `^${COURTESY}${WANTING}${COURTESY}${MAKING}\\s+(?:(?:me|us|mir|also|auch|dann|noch)\\s+)*(.*)$`,
  'iu',
);

/** From here on a clause speaks of what belongs to its product. */
const BELONGS = new RegExp(
  '\\b(?:with|that|which|who|where|using|for|including|containing|having|has|so|to|from|in|on|inside|like|based|' +
    'mit|für|das|die|der|als)\\b',
  'iu',
);
const ONE = '(?:an?|another|ein|eine|einen|noch\\s+ein)';
const NAMED = new RegExp(`\\b${ONE}\\s+((?:[\\p{L}\\p{N}.+#-]+\\s+){0,4}?${PRODUCT})\\b`, 'giu');

function productsIn(text: string): ReadonlySet<string> {
  const products = new Set<string>();
  for (const clause of clausesOf(text)) {
    const asked = REQUEST.exec(clause)?.[1];
    if (asked === undefined) continue;
    const named = asked.slice(0, BELONGS.exec(asked)?.index ?? asked.length);
    for (const match of named.matchAll(NAMED)) products.add((match[1] ?? '').toLowerCase());
  }
  return products;
}

/** Sentences, points of a list, and what is joined on with "and also". */
function clausesOf(text: string): string[] {
  return text
    .split(/[\n.!?;]+|,?\s+(?=(?:and\s+also|and\s+then|and\s+another|und\s+auch)\b)/iu)
    .map((clause) => clause.replace(/^\s*(?:[-*•]|\d+[.)])?\s*/u, '').replace(/^[\d)\s]+/u, ''));
}

function withoutMaterial(prompt: string): string {
  return prompt
    .replaceAll(/```[\s\S]*?(?:```|$)/g, '\n')
    .replaceAll(/^\s*>.*$/gm, '')
    .replaceAll(/"[^"\n]*"|`[^`\n]*`|“[^”\n]*”|„[^“\n]*“/gu, ' ');
}
