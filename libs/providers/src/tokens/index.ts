// The providers room's second door: counting tokens without asking anybody. It reads no network and knows no key, so
// whoever quotes a price may use it.
export { countTokens, isCountedExactly, type TokenCount } from './count-tokens.js';
