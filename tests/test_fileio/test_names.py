"""Lists of names as editors and people write them."""
from vosreg.fileio import natural_key, read_names


def test_a_list_is_one_name_a_line(tmp_path):
    (tmp_path / 'list.txt').write_bytes('\ufeffmy bear\r\n\r\n Bär \r\n'.encode())
    assert read_names(tmp_path / 'list.txt') == ['my bear', 'Bär']
    assert read_names(['my bear', 'Bär']) == ['my bear', 'Bär']


def test_natural_order():
    assert sorted(['a10', 'a9', '10', '9', ''], key=natural_key) == ['', '9', '10', 'a9', 'a10']
