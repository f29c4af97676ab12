"""Switch a source on or off and give it keys while azak runs. What is changed is kept in `azak.env`.

What stands in the environment or in `.env` goes first, so it cannot be changed here. The next run of a job asks with
the new settings; other machines have files of their own.
"""

from typing import Final

from backend.config import Settings, SourceSettings, ensure_secrets
from backend.config.kept import find_fixed, keep_settings
from backend.domain.operations import SourceSwitch
from backend.errors import ConfigurationError, ConflictError, InvalidInputError, NotFoundError
from backend.internal import SourceChange
from backend.pipelines.sources.catalogue import SOURCES, Source, list_source_infos
from backend.sources.spec import whole_name

_OFF: Final = whole_name("off")


def change_source(settings: Settings, source_id: str, change: SourceChange) -> list[SourceSwitch]:
    """Keep the change and read the settings of sources anew; how all sources stand then.

    Raises NotFoundError, InvalidInputError, ConflictError where a setting cannot be changed from here, or
    ConfigurationError where the file cannot be written.
    """
    source = SOURCES.get(source_id)
    if source is None:
        raise NotFoundError(f"There is no source {source_id}; GET /api/sources lists them.")
    given = {**_keys(source, change), **_switch(source, change, settings.sources.off_ids)}
    if fixed := find_fixed(given):
        name, place = fixed
        raise ConflictError(f"{name} stands in {place} of the scheduler, which goes first; change it there.")
    if change.on or change.keys:  # half of a pair would let no process start
        _require_keys(source, settings.sources, given)
    try:
        keep_settings(ensure_secrets(settings.data_dir), given)
    except OSError as error:
        raise ConfigurationError(f"azak.env cannot be written ({error.strerror}); let azak's user write it.") from error
    settings.sources = SourceSettings()
    return [info.switch for info in list_source_infos(settings.sources)]


def _keys(source: Source, change: SourceChange) -> dict[str, str]:
    known = [whole_name(name) for name in source.key_settings]
    unknown = next((key.setting for key in change.keys if key.setting not in known), None)
    if unknown is not None:
        wants = f"it takes {' and '.join(known)}" if known else "it takes no key"
        raise InvalidInputError(f"{unknown} is no key of {source.id}; {wants}.")
    return {key.setting: key.value for key in change.keys}


def _switch(source: Source, change: SourceChange, off: set[str]) -> dict[str, str]:
    """The settings that switch it; none where it already stands so."""
    if change.on is None:
        return {}
    wanted = off - {source.id} if change.on else off | {source.id}
    given = {_OFF: ",".join(sorted(wanted))} if wanted != off else {}
    consents = change.on and source.consent_setting
    return given | ({whole_name(source.consent_setting): "true"} if consents else {})


def _require_keys(source: Source, settings: SourceSettings, given: dict[str, str]) -> None:
    names = [name for name in source.key_settings if not getattr(settings, name) and whole_name(name) not in given]
    if names:
        raise InvalidInputError(f"{source.id} cannot be asked without {whole_name(names[0])}; give its keys as well.")
