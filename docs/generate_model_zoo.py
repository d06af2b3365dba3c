"""Write docs/*/model_zoo.md from the metafiles in configs/.

Run it after each change of a metafile; ``--check`` tells whether that was forgotten.
"""
import argparse
from pathlib import Path
from typing import Dict, Iterable, List, NamedTuple

from vosreg.fileio import atomic_path
from vosreg.zoo import Collection, ModelEntry, ModelResult, list_collections

REPOSITORY = Path(__file__).resolve().parents[1]


class Words(NamedTuple):
    """What the page says in one language."""
    introduction: str
    paper: str
    code: str
    models: List[str]
    results: List[str]
    train_it: str
    measured: str
    reported: str
    separator: str
    names: Dict[str, str]  # Names in the metafiles -> what they are called here, where that is another name.

    def name(self, name: str) -> str:
        """A name of the metafiles in this language."""
        return self.names.get(name, name)


WORDS = {
    'en': Words(
        introduction="""# Model zoo

The models that vosreg knows by name, their results, and who measured them. *Measured here* stands before the command
that gave the number with this code; *reported by* names who published it, with their own code and weights. Scores are
in percent.

```bash
vosreg list-models                      # this page, in the terminal
vosreg segment VIDEO --mask MASK --out DIR --model NAME
```

Weights in `checkpoints/` come with the package; others are downloaded once into the cache of `torch.hub`
(`TORCH_HOME`). Either is refused if it has not the SHA-256 of its metafile, and holds plain data only. The official
checkpoints of STCN, VOS-Correspondence and XMem become ones of vosreg by `tools/model_converters/stcn_to_vosreg.py` and
`xmem_to_vosreg.py`; `vosreg_to_stcn.py` and `vosreg_to_xmem.py` go the other way.

In Python:

```python
from vosreg.engine import load_config
from vosreg.zoo import find_model, list_models

entry = find_model('NAME')      # a ModelEntry; an unknown name raises an error that tells the near ones
config = load_config(entry.config)
path = entry.checkpoint()       # the file, downloaded if need be, its hash checked
```

To publish a model, run `tools/model_converters/publish_model.py` on its checkpoint, add what it prints to the
`metafile.yml` beside its config, and write this page again by `python docs/generate_model_zoo.py`.
""",
        paper='Paper', code='official code',
        models=['Model', 'Parameters / M', 'Trained on', 'Iterations', 'Config', 'Weights'],
        results=['Model', 'Data set', 'Scores', 'Source'],
        train_it='none: train it', measured='measured here', reported='reported by', separator=': ', names={}),
    'zh_cn': Words(
        introduction="""# 模型库

vosreg 以名称收录的模型、它们的结果以及结果的来源。“本项目测得”之后是用本代码得到该数值的命令；
“发表于”指出用自己的代码和权重发表该数值的来源。分数均为百分数。

```bash
vosreg list-models                      # 在终端中显示本页内容
vosreg segment VIDEO --mask MASK --out DIR --model NAME
```

`checkpoints/` 中的权重随软件包一起安装；其他权重下载一次，存入 `torch.hub` 的缓存（`TORCH_HOME`）。
SHA-256 与 metafile 不符的文件会被拒绝；权重文件只含纯数据。
官方 STCN、VOS-Correspondence 和 XMem 的检查点可用 `tools/model_converters/stcn_to_vosreg.py` 和
`xmem_to_vosreg.py` 转换为 vosreg 的检查点；反方向用 `vosreg_to_stcn.py` 和 `vosreg_to_xmem.py`。

在 Python 中：

```python
from vosreg.engine import load_config
from vosreg.zoo import find_model, list_models

entry = find_model('NAME')      # ModelEntry；名称未知时报错，并给出相近的名称
config = load_config(entry.config)
path = entry.checkpoint()       # 权重文件：需要时下载，并检查哈希
```

发布模型：对检查点运行 `tools/model_converters/publish_model.py`，把它打印的内容写入配置旁的 `metafile.yml`，再用
`python docs/generate_model_zoo.py` 重新生成本页。
""",
        paper='论文', code='官方代码',
        models=['模型', '参数量 / M', '训练数据', '迭代次数', '配置', '权重'],
        results=['模型', '数据集', '分数', '来源'],
        train_it='无，需自行训练', measured='本项目测得', reported='发表于', separator='：',
        names={
            'Correspondence learning': '对应关系学习',
            'Baselines': '基线',
            'static images': '静态图像',
            'DAVIS 2017 (tennis, bmx-trees and schoolgirls, 240p)':
                'DAVIS 2017（tennis、bmx-trees 和 schoolgirls，240p）',
            'DAVIS 2017 (tennis, bmx-trees and schoolgirls, 240p enlarged to 480p)':
                'DAVIS 2017（tennis、bmx-trees 和 schoolgirls，由 240p 放大到 480p）',
        }),
}


def page(words: Words) -> str:
    """The page in one language."""
    sections = [section(collection, words) for collection in list_collections(REPOSITORY / 'model-index.yml')]
    notice = '<!-- Written by docs/generate_model_zoo.py: change the metafiles instead. -->'
    return '\n'.join([notice, words.introduction, *sections])


def section(collection: Collection, words: Words) -> str:
    """A method: its paper and the tables of its models and results."""
    lines = [f'## {words.name(collection.name)}', '']
    if collection.paper:
        lines += [f'{words.paper}{words.separator}[{collection.paper}]({collection.paper_url})'
                  f' ([{words.code}]({collection.code_url}))', '']
    lines += table(words.models, [model_row(model, words) for model in collection.models])
    results = [result_row(model, result, words) for model in collection.models for result in model.results]
    if results:
        lines += ['', *table(words.results, results)]
    return '\n'.join([*lines, ''])


def model_row(model: ModelEntry, words: Words) -> List[str]:
    metadata = model.metadata
    if model.weights is None:
        weights = words.train_it if metadata['Parameters (M)'] else '-'
    elif isinstance(model.weights, Path):
        weights = f'`{model.weights.relative_to(REPOSITORY)}`'
    else:
        weights = f'[{model.weights.rpartition("/")[2]}]({model.weights})'
    data = metadata.get('Training Data', '-')
    data = joined([words.name(name) for name in data] if isinstance(data, list) else words.name(data), ', ')
    return [f'`{model.name}`', str(metadata['Parameters (M)']), data,
            joined(metadata.get('Iterations', '-'), ' + '), f'`{model.config.relative_to(REPOSITORY)}`', weights]


def result_row(model: ModelEntry, result: ModelResult, words: Words) -> List[str]:
    scores = ', '.join(f'{metric} {value:.1f}' for metric, value in result.metrics.items())
    source = (f'{words.measured}{words.separator}`{result.command}`' if result.command else
              f'{words.reported} {result.reported_by}')
    return [f'`{model.name}`', words.name(result.dataset), scores, source]


def table(header: List[str], rows: Iterable[List[str]]) -> List[str]:
    return [f'| {" | ".join(row)} |' for row in (header, ['---'] * len(header), *rows)]


def joined(value, separator: str) -> str:
    return separator.join(map(str, value)) if isinstance(value, list) else str(value)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('--check', action='store_true', help='write nothing; fail if a page is not up to date')
    args = parser.parse_args()
    for language, words in WORDS.items():
        path = REPOSITORY / 'docs' / language / 'model_zoo.md'
        text = page(words)
        if args.check:
            if not path.is_file() or path.read_text(encoding='utf-8') != text:
                raise SystemExit(f'{path} is not what the metafiles say; run python docs/generate_model_zoo.py')
        else:
            with atomic_path(path) as temporary:
                temporary.write_text(text, encoding='utf-8')


if __name__ == '__main__':
    main()
