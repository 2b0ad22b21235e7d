from __future__ import annotations

import pytest

from tests.certificates import Authority
from tests.partner import PlayedPartner


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("ca"))


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory, authority: Authority) -> PlayedPartner:
    return PlayedPartner(tmp_path_factory.mktemp("partner"), authority)
