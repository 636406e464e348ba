// API room. How the catalogues are asked for.
import { z } from 'zod';
import { pageShape } from '../requests/page.js';

export const pageQuery = z.strictObject(pageShape);
