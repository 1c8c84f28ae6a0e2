import 'reflect-metadata';
import { runService } from '@sallyport/nest-zero-trust';
import { start } from './start';

void runService({ name: 'gateway', start: () => start(process.env) });
