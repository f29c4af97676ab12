// News grouped by story.

import type { Schemas } from "../api/client";

type Item = Pick<Schemas["NewsItem"], "id" | "story_id">;

export interface StoryGroup<News extends Item> {
  head: News;
  items: News[];
}

/** Groups items (newest first) by story and keeps their order; the head is the oldest item, which the others repeat. */
export function byStory<News extends Item>(items: readonly News[]): StoryGroup<News>[] {
  const groups = new Map<string, StoryGroup<News>>();
  for (const item of items) {
    const key = item.story_id === null ? `n${item.id}` : `s${item.story_id}`;
    const known = groups.get(key);
    if (known) {
      known.items.push(item);
      known.head = item;
    } else groups.set(key, { head: item, items: [item] });
  }
  return [...groups.values()];
}

/** How many of `items` (newest first) came after the item `seenId`. */
export function countNewer(items: readonly Item[], seenId: number | null): number {
  if (seenId === null) return 0;
  const position = items.findIndex((item) => item.id === seenId);
  return position < 0 ? items.length : position;
}
