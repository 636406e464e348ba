// API room. What the process is given at its start, by symbol; everything else is found by class.
export const API_CONFIG = Symbol('ApiConfig');
export const API_LOGGER = Symbol('Logger');
export const API_CLOCK = Symbol('Clock');
export const API_METRICS = Symbol('HttpMetrics');
export const API_REGISTRY = Symbol('Registry');
