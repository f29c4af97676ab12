"""Why a stock moved: the split of its move, and the stories that fit its own part."""
