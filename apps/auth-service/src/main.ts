import 'reflect-metadata';
import { runService } from '@sallyport/nest-zero-trust';
import { start } from './start';

void runService({ name: 'auth-service', start: () => start(process.env) });
