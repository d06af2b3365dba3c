"""The one model that puts the parts together."""
from contextlib import nullcontext
from typing import Dict, List, Optional, Sequence, Union

import torch
import torch.nn.functional as F
from mmengine.model import BaseModel
from torch import Tensor, nn

from vosreg.ops import aggregate_logits
from vosreg.registry import MEMORY_BANKS, MODELS
from vosreg.structures import ClipViews, FrameFeatures, SecondView, VOSDataSample

from ..layers import SensoryUpdate
from .augmented_stream import AugmentedStream, TestView
from .clip_losses import clip_losses
from .video_stream import STREAM_SETTINGS, VideoStream


@MODELS.register_module()
class MatchingVOS(BaseModel):
    """Matching-based video object segmentation: encode keys, read a memory by affinity, decode, aggregate.

    Training loops over a clip, inference over a video; both call :meth:`step` and :meth:`memorize`. With a ResNet-50
    key encoder, a ResNet-18 value encoder and the plain head this is STCN (Cheng et al., NeurIPS 2021); with a sensory
    memory, anisotropic keys and a long-term memory it is XMem (Cheng and Schwing, ECCV 2022).

    Letters: B clips, T frames, N objects, H x W image, h x w key map, Ck, Cv and Cs channels of keys, values and
    sensory states.

    Args:
        key_encoder: Config of a key encoder.
        value_encoder: Config of a value encoder; told here what features the key encoder makes.
        head: Config of a readout head; told here what features and values it gets.
        losses: Configs of mask losses (see :class:`MaskLoss`), called on every frame after the first and summed over
            the frames.
        correspondence: Configs of correspondence losses (see :class:`CorrespondenceLoss`), called on every training
            clip and its second view. Neither weights nor results of the model depend on them being there.
        second_view: Config of what makes the second view, only used with correspondence losses that need one.
        sensory_channels: Channels Cs of a sensory state of each object, which the head sees and refreshes, and which
            the values of memory frames refresh (XMem's deep update). 0 for none.
        train_memory: Config of the memory bank of a training clip; told here the clips' random generators.
        train_cfg: ``deep_update_prob``: how often later frames of a clip refresh the sensory state by their values too.
        test_memory: Config of the memory bank of a running video.
        test_cfg: Settings of a running video, such as ``mem_every`` (see :class:`VideoStream`); ``views``: the ways in
            which a test sees a video, whose probabilities are averaged, such as ``[dict(), dict(flip=True),
            dict(scale=1.5)]`` (see :class:`TestView`); ``keep_scores``: give the probabilities too.
        pad_multiple: At inference, images are padded to a multiple of this many pixels.
        object_chunk: At inference, this many objects at a time go through value encoder and head. It bounds the memory
            that many objects take, and changes no result beyond rounding. By default 8 on a GPU, and 2 on a CPU, where
            more at a time take more memory and no less time.
        channels_last: Keep weights and images in channels-last memory format, which is faster on CPUs and with AMP.
        data_preprocessor: Config of the data preprocessor.
        init_cfg: See :class:`mmengine.model.BaseModule`.

    Raises:
        ValueError: ``train_cfg`` or ``test_cfg`` has a setting that there is not, or the first of the views, of which
            matches are recorded, is not the video as it is.
    """

    def __init__(self,
                 key_encoder: dict,
                 value_encoder: dict,
                 head: dict,
                 losses: Sequence[dict] = (),
                 correspondence: Sequence[dict] = (),
                 second_view: Optional[dict] = None,
                 sensory_channels: int = 0,
                 train_memory: Optional[dict] = None,
                 train_cfg: Optional[dict] = None,
                 test_memory: Optional[dict] = None,
                 test_cfg: Optional[dict] = None,
                 pad_multiple: int = 16,
                 object_chunk: Optional[int] = None,
                 channels_last: bool = False,
                 data_preprocessor: Optional[dict] = None,
                 init_cfg: Optional[dict] = None) -> None:
        _check_settings('train_cfg', train_cfg, ['deep_update_prob'])
        _check_settings('test_cfg', test_cfg, ['views', 'keep_scores', *STREAM_SETTINGS])
        data_preprocessor = data_preprocessor or dict(type='VOSDataPreprocessor')
        if any(getattr(MODELS.class_of(loss), 'uses_second_view', True) for loss in correspondence):
            second_view = second_view or dict(type='RandomSecondView')
            data_preprocessor = dict(data_preprocessor, second_view=second_view)
        super().__init__(MODELS.build(data_preprocessor), init_cfg)
        self.key_encoder = MODELS.build(key_encoder)
        self.value_encoder = MODELS.build(dict(value_encoder, spec=self.key_encoder.spec))
        head = dict(head, spec=self.key_encoder.spec, value_channels=self.value_encoder.value_channels)
        if sensory_channels:
            head.update(sensory_channels=sensory_channels)
        self.head = MODELS.build(head)
        self.sensory_channels = sensory_channels
        self.deep_update = SensoryUpdate(
            self.value_encoder.value_channels, sensory_channels) if sensory_channels else None
        self.losses = nn.ModuleList(MODELS.build(loss) for loss in losses)
        # Last, so that the rest starts from the same random weights with and without.
        self.correspondence = nn.ModuleList(
            MODELS.build(dict(loss, spec=self.key_encoder.spec)) for loss in correspondence)
        self.train_memory = train_memory or dict(type='ClipMemory')
        self.deep_update_prob = (train_cfg or {}).get('deep_update_prob', 0.2)
        self.test_memory = test_memory or dict(type='StreamMemory')
        self.test_cfg = dict(test_cfg or {})
        self.test_views = [TestView(**view) for view in self.test_cfg.pop('views', [dict()])]
        self.keep_scores = self.test_cfg.pop('keep_scores', False)
        if self.test_cfg.get('record_matches') and self.test_views[0] != TestView():
            raise ValueError('matches are those of the first view: with record_matches, views begin with dict()')
        self.pad_multiple = pad_multiple
        self.object_chunk = object_chunk
        self.memory_format = torch.channels_last if channels_last else torch.contiguous_format
        self.to(memory_format=self.memory_format)
        self._stream: Optional[AugmentedStream] = None

    def forward(self,
                inputs: Tensor,
                data_samples: Optional[List[VOSDataSample]] = None,
                mode: str = 'tensor',
                second_view: Optional[SecondView] = None
                ) -> Union[Dict[str, Tensor], List[VOSDataSample], FrameFeatures]:
        """MMEngine's entry.

        Args:
            inputs: Normalised clips [B, T, 3, H, W] (mode ``loss``) or frames [B, 3, H, W].
            data_samples: One for each clip or frame.
            mode: ``loss``, ``predict`` or ``tensor``.
            second_view: The clips once more, for correspondence losses.

        Returns:
            Losses by name, data samples with ``pred_mask``, or the features of the frames.
        """
        if mode == 'loss':
            return self.loss(inputs, data_samples, second_view)
        if mode == 'predict':
            return self.predict(inputs, data_samples)
        if mode == 'tensor':
            return self.encode(inputs)
        raise ValueError(f"mode is 'loss', 'predict' or 'tensor', not {mode!r}")

    def encode(self, images: Tensor) -> FrameFeatures:
        """Mask-free features of normalised images [B, 3, H, W], in float32 if inference is autocast to bfloat16.

        Which part of the memory is read depends on small differences of keys, for which the 8 bits of bfloat16 are too
        few; values and masks bear them.
        """
        images = images.contiguous(memory_format=self.memory_format)
        device = images.device.type
        is_bfloat16 = torch.is_autocast_enabled(device) and torch.get_autocast_dtype(device) == torch.bfloat16
        with torch.autocast(device, enabled=False) if is_bfloat16 and not self.training else nullcontext():
            return self.key_encoder(images)

    def encode_views(self, features: FrameFeatures, second_view: Optional[SecondView]) -> ClipViews:
        """Encode the second view beside the features of the first; only its frame 0 gets a gradient."""
        if second_view is None:
            return ClipViews(features)
        start = self.encode(second_view.images[:, 0])
        with torch.no_grad():
            rest = self.encode(second_view.images[:, 1:].flatten(0, 1))
        return ClipViews(features, start, rest, second_view.matrices)

    def step(self,
             features: FrameFeatures,
             memory,
             size: Sequence[int],
             valid: Optional[Tensor] = None,
             update_sensory: bool = True) -> Tensor:
        """Segment one frame of each of B clips: read, decode, aggregate.

        The class scores are returned, not their softmax, because the losses need them.

        Args:
            features: Features of the frame.
            memory: A memory bank.
            size: (H, W) of the image.
            valid: Which objects exist, bool [B, N]; by default all do.
            update_sensory: Refresh the sensory state in memory, if the model has one, by what is decoded.

        Returns:
            Aggregated class scores [B, N + 1, H, W], background first; their softmax sums to 1.
        """
        readout = memory.read(features)
        logits, sensory = self.head(
            readout, features, memory.sensory, update_sensory and memory.sensory is not None, self._object_chunk)
        if update_sensory:
            memory.sensory = sensory
        logits = logits.float()
        prob = F.interpolate(logits, size=tuple(size), mode='bilinear', align_corners=False).sigmoid()
        if valid is not None:
            prob = prob * valid[:, :, None, None]
        return aggregate_logits(prob)

    def memorize(self,
                 image: Tensor,
                 features: FrameFeatures,
                 masks: Tensor,
                 memory,
                 frame_index: int,
                 permanent: bool = False,
                 temporary: bool = False,
                 deep_update: bool = True) -> None:
        """Encode the objects of one frame of each of B clips and write them to memory.

        Args:
            image: Normalised [B, 3, H, W].
            features: Features of the image.
            masks: Object probabilities [B, N, H, W].
            memory: A memory bank.
            frame_index: Which frame of its clip or video it is.
            permanent: Keep the frame for good, whatever else memory forgets.
            temporary: Keep the frame until the next one is written only.
            deep_update: Refresh the sensory state in memory, if the model has one, by the values.
        """
        value = self.value_encoder(image, features, masks, self._object_chunk)
        memory.write(features, value, frame_index, permanent, temporary)
        if self.sensory_channels:
            sensory = self._sensory_of_all(memory.sensory, features.key, masks.shape[1])
            if deep_update:
                size = self._object_chunk or masks.shape[1]
                sensory = torch.cat(list(map(self.deep_update, value.split(size, 1), sensory.split(size, 1))), dim=1)
            memory.sensory = sensory

    def _sensory_of_all(self, sensory: Optional[Tensor], key: Tensor, num_objects: int) -> Tensor:
        """Begin the sensory state of objects that have none yet, of the size of the key [B, Ck, h, w]: it is 0."""
        if sensory is None:
            sensory = key.new_zeros(len(key), 0, self.sensory_channels, *key.shape[-2:], dtype=torch.float32)
        return F.pad(sensory, (0, 0, 0, 0, 0, 0, 0, num_objects - sensory.shape[1]))

    @property
    def _object_chunk(self) -> Optional[int]:
        """Number of objects that go through the network together, None for all."""
        if self.training:
            return None
        return self.object_chunk or (2 if next(self.parameters()).device.type == 'cpu' else 8)

    def loss(self,
             inputs: Tensor,
             data_samples: List[VOSDataSample],
             second_view: Optional[SecondView] = None) -> Dict[str, Tensor]:
        """Segment the labelled clips and compare with their masks, and compare the clips' features with each other.

        A clip without an object is unlabelled: only correspondence losses see it.

        Args:
            inputs: Normalised clips [B, T, 3, H, W].
            data_samples: One for each clip, with ``masks`` [T, H, W] and ``num_objects``.
            second_view: The clips once more, for correspondence losses.

        Returns:
            The losses by name; mask losses are summed over the frames, and losses of one name with each other.
        """
        return clip_losses(self, inputs, data_samples, second_view)

    def predict(self, inputs: Tensor, data_samples: List[VOSDataSample]) -> List[VOSDataSample]:
        """Segment frames of videos that arrive in order, one video after the other.

        The state of the current video is kept between calls and dropped with its last frame.

        Args:
            inputs: Normalised frames [B, 3, H, W].
            data_samples: One for each frame.

        Returns:
            The data samples with ``pred_mask``; with ``matches`` if they are recorded and memory held something; with
            ``scores`` if they are kept, float32 [K + 1, H0, W0], and ``score_ids``, the K objects.
        """
        for image, sample in zip(inputs, data_samples):
            if sample.frame_index == 0:
                self._stream = AugmentedStream([self.stream(sample.video) for _ in self.test_views], self.test_views)
            elif self._stream is None or (self._stream.first.video, self._stream.first.time + 1) != (sample.video,
                                                                                                    sample.frame_index):
                raise ValueError(f'frame {sample.frame_index} of video {sample.video} does not follow the frame before '
                                 'it: the frames of a video must come in order to one process (use VideoSampler)')
            is_last = sample.frame_index == sample.video_length - 1
            probs = self._stream.step(image, sample.get('given_mask'), sample.get('given_ids'), is_last)
            first = self._stream.first
            sample.pred_mask = self._stream.index_mask(probs, sample.ori_shape)
            if first.matches is not None:
                sample.matches = first.matches
            if self.keep_scores:
                sample.scores = self._stream.scores(probs, sample.ori_shape)
                sample.set_metainfo(dict(score_ids=tuple(first.object_ids)))
            if is_last:
                # After validation, training needs the memory.
                self._stream = None
        return data_samples

    def stream(self, video: str = '', resize: bool = False) -> VideoStream:
        """Begin a video, seen as it is: ``test_cfg.views`` are for tests.

        Args:
            video: Its name, for error messages.
            resize: Resize frames of another size than the first one's instead of refusing them.

        Returns:
            A session that takes frame after frame.
        """
        memory = MEMORY_BANKS.build(self.test_memory)
        return VideoStream(self, memory, video=video, resize=resize, **self.test_cfg)


def _check_settings(name: str, settings: Optional[dict], known: Sequence[str]) -> None:
    unknown = [setting for setting in settings or {} if setting not in known]
    if unknown:
        raise ValueError(f'{name} of MatchingVOS has no setting {", ".join(unknown)}; there are {", ".join(known)}')
