export { ownEventsMigration as ownEvents } from '@sallyport/audit';
