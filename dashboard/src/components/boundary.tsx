import { Component, type ComponentChildren } from "preact";

import { Failure } from "./states";

interface Caught {
  error: Error | null;
}

/** A part that cannot be drawn says so in its own place; the rest of the page goes on. */
export class Boundary extends Component<{ children: ComponentChildren }, Caught> {
  state: Caught = { error: null };

  static getDerivedStateFromError(error: Error): Caught {
    return { error };
  }

  render() {
    return this.state.error ? (
      <Failure error={this.state.error} onAgain={() => location.reload()} />
    ) : (
      this.props.children
    );
  }
}
