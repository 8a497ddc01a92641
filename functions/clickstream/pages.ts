// The pages of the magazine, as its editors know them.

export interface Page {
  readonly title: string;
  readonly section: string;
}

export const pages: Readonly<Record<string, Page>> = {
  '/': { title: 'Today', section: 'front' },
  '/coffee/flat-white': { title: 'The perfect flat white', section: 'coffee' },
  '/coffee/grinders': { title: 'Six grinders compared', section: 'coffee' },
  '/coffee/origins': { title: 'Where the beans come from', section: 'coffee' },
  '/harbour/lighthouses': { title: 'Lighthouses along the coast', section: 'harbour' },
  '/harbour/ferries': { title: 'Ferries at night', section: 'harbour' },
  '/bikes/repair': { title: 'Repairing an old bicycle', section: 'bikes' },
  '/bikes/routes': { title: 'Ten routes out of town', section: 'bikes' },
};
