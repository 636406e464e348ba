// Tidy room. Reads the `engines.node` ranges of a lockfile, just enough to say whether a Node version is admitted.
type Version = readonly [number, number, number];

const PART = /^(>=|<=|>|<|=|\^|~)?v?(\d+)(?:\.(\d+|x|\*))?(?:\.(\d+|x|\*))?(?:-[\w.]+)?$/;

const compare = (a: Version, b: Version): number => a[0] - b[0] || a[1] - b[1] || a[2] - b[2];

const parse = (major: string, minor?: string, patch?: string): Version => [
  Number(major),
  Number(minor?.replace(/[x*]/, '0') ?? 0),
  Number(patch?.replace(/[x*]/, '0') ?? 0),
];

/** The first version above everything that `major.minor.patch` with missing parts stands for. */
function above(version: Version, given: number): Version {
  if (given === 1) return [version[0] + 1, 0, 0];
  return given === 2 ? [version[0], version[1] + 1, 0] : [version[0], version[1], version[2] + 1];
}

function comparatorAdmits(comparator: string, node: Version): boolean {
  if (comparator === '*' || comparator === '') return true;
  const match = PART.exec(comparator);
  if (match === null) throw new Error(`cannot read the range "${comparator}"`);
  const [, operator = '', major = '', minor, patch] = match;
  const version = parse(major, minor, patch);
  const given = [major, minor, patch].filter((part) => part !== undefined && !/[x*]/.test(part)).length;
  switch (operator) {
    case '>=':
      return compare(node, version) >= 0;
    case '>':
      return compare(node, above(version, given)) >= 0;
    case '<':
      return compare(node, version) < 0;
    case '<=':
      return compare(node, above(version, given)) < 0;
    case '^':
      return compare(node, version) >= 0 && node[0] === version[0];
    case '~':
      return compare(node, version) >= 0 && compare(node, above(version, Math.min(given, 2))) < 0;
    default:
      return compare(node, version) >= 0 && compare(node, above(version, given)) < 0;
  }
}

/** Throws on a range it cannot read, so that a new spelling is looked at instead of waved through. */
export function admitsNode(range: string, node: Version): boolean {
  return range.split('||').some((alternative) => {
    const comparators = alternative.trim().replace(/(>=|<=|>|<|=|\^|~)\s+/g, '$1');
    return comparators.split(/\s+/).every((comparator) => comparatorAdmits(comparator, node));
  });
}
