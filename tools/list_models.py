"""List the models of the zoo, their results and whether there are weights for them."""
import argparse

from vosreg import zoo


def describe(model: zoo.ModelEntry) -> str:
    """A model in some lines: its name, and a line for each result."""
    notes = [note for note, applies in (('default', model.name == zoo.DEFAULT_MODEL),
                                        ('config only, no weights', model.weights is None)) if applies]
    lines = [model.name + (f'  ({", ".join(notes)})' if notes else '')]
    for result in model.results:
        metrics = ', '.join(f'{name} {value}' for name, value in result.metrics.items())
        source = f'reported by {result.reported_by}' if result.reported_by else 'measured here'
        lines.append(f'    {result.dataset}: {metrics}  [{source}]')
    return '\n'.join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(prog='vosreg list-models', description=__doc__)
    parser.add_argument('--with-weights', action='store_true', help='only those that can be used at once')
    args = parser.parse_args()
    for model in zoo.list_models():
        if model.weights is not None or not args.with_weights:
            print(describe(model))


if __name__ == '__main__':
    main()
