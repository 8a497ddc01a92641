// How bad a state is. `Badge` gives each a shape and a colour.

export type Tone = 'bad' | 'warn' | 'good' | 'busy' | 'quiet';
