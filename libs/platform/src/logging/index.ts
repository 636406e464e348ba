// Platform's logger, and the faces other parts know it by.
export { describeError, type DescribedError } from './describe-error.js';
export { nestLogger, temporalLogger, type NestLogger } from './foreign-loggers.js';
export { createLogger, type Logger, type LoggerOptions } from './logger.js';
